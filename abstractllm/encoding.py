"""The one JSON form of messages and sessions: in the store, in files, on the wire.

Keys are camelCase; a part carries its `kind`; times are ISO 8601 in UTC. Whatever was
written by one version is read by every later one, so fields are only ever added.
"""

from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar, cast

import attrs
import cattrs
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override
from cattrs.strategies import configure_tagged_union

from abstractllm.messages import Cost, KnownPart, Message, Part, Text, Unknown, Usage

T = TypeVar("T")


def camel_case(name: str) -> str:
    """Return `snake_case` as `camelCase`."""
    head, *tail = name.split("_")
    return head + "".join(word.capitalize() for word in tail)


def kind_of(part_class: type) -> str:
    """Return the word for a class on the wire: its name, with a small first letter."""
    return part_class.__name__[0].lower() + part_class.__name__[1:]


def make_converter(*, forbid_extra_keys: bool = False) -> cattrs.Converter:
    """Return a converter that knows attrs classes in camelCase and UTC times."""
    converter = cattrs.Converter(
        unstruct_collection_overrides={tuple: list},
        forbid_extra_keys=forbid_extra_keys,
    )

    def renamed(cls: type) -> dict[str, Any]:
        return {
            field.name: override(rename=camel_case(field.name))
            for field in attrs.fields(cls)
        }

    converter.register_unstructure_hook_factory(
        attrs.has, lambda cls: make_dict_unstructure_fn(cls, converter, **renamed(cls))
    )
    converter.register_structure_hook_factory(
        attrs.has,
        lambda cls: make_dict_structure_fn(
            cls,
            converter,
            _cattrs_forbid_extra_keys=forbid_extra_keys,
            **renamed(cls),
        ),
    )
    converter.register_unstructure_hook(StrEnum, lambda member: member.value)
    converter.register_unstructure_hook(datetime, lambda time: time.isoformat())
    converter.register_structure_hook(
        datetime, lambda text, _: datetime.fromisoformat(text)
    )
    converter.register_structure_hook(str, _only_text)
    converter.register_unstructure_hook(Cost, cost_to_json)
    configure_tagged_union(KnownPart, converter, tag_name="kind", tag_generator=kind_of)
    converter.register_unstructure_hook(
        Part,
        lambda part: (
            dict(part.data)
            if isinstance(part, Unknown)
            else converter.unstructure(part, unstructure_as=KnownPart)
        ),
    )
    converter.register_structure_hook(Part, lambda data, _: _part(converter, data))
    return converter


def _only_text(value: Any, _: Any) -> str:
    if isinstance(value, str):
        return value
    raise TypeError("must be text")


def _part(converter: cattrs.Converter, data: Any) -> Part:
    try:
        return converter.structure(data, KnownPart)  # type: ignore[arg-type]
    except (cattrs.BaseValidationError, KeyError, TypeError, AttributeError):
        return unknown(data)


def unknown(data: Any) -> Unknown:
    """Return a part for what is none; its JSON is always an object with a `kind`."""
    if isinstance(data, dict) and isinstance(data.get("kind"), str):
        return Unknown(data)
    return Unknown({"kind": "unknown", "data": data})


@cache
def _converter() -> cattrs.Converter:
    return make_converter()


def to_json(value: Any) -> Any:
    """Return an attrs value of this library as JSON-ready dictionaries and lists."""
    return _converter().unstructure(value)


def parts_from_json(data: list[Any]) -> tuple[Part, ...]:
    """Return parts, whatever `data` holds: what cannot be read is `Unknown`."""
    return tuple(map(_part_from_json, data))


def _part_from_json(data: Any) -> Part:
    if type(data) is dict and data.get("kind") == "text":
        text = data.get("text")
        if type(text) is str:
            return Text(text)
    return from_json(data, Part)  # type: ignore[arg-type]


def _part_to_json(part: Part) -> dict[str, Any]:
    if type(part) is Text:
        return {"kind": "text", "text": part.text}
    return cast(dict[str, Any], _converter().unstructure(part, unstructure_as=Part))


def from_json(data: Any, cls: type[T]) -> T:
    """Return the value of class `cls` that `data` holds.

    Raises `cattrs.BaseValidationError` where `data` has another shape.
    """
    return _converter().structure(data, cls)


def cost_to_json(cost: Cost) -> dict[str, Any]:
    """Return `{amount, currency}`; `incomplete` where some prices are not known."""
    told = {"amount": cost.dollars, "currency": "USD"}
    return told if cost.is_whole else {**told, "incomplete": True}


def cost_from_json(data: Any) -> Cost | None:
    """Return the cost that `cost_to_json` told, or `None` for anything else."""
    amount = data.get("amount") if isinstance(data, dict) else None
    if isinstance(amount, bool) or not isinstance(amount, int | float):
        return None
    if data.get("currency") != "USD" or not 0 <= amount < MOST_DOLLARS:
        return None
    return Cost(round(amount * 1e9), not data.get("incomplete"))


MOST_DOLLARS = 1e9
"""More is no cost, but a fault: SQLite could not add it up."""


def _usage_to_json(usage: Usage) -> dict[str, int]:
    return {
        "inputTokens": usage.input_tokens,
        "outputTokens": usage.output_tokens,
        "cachedTokens": usage.cached_tokens,
    }


def message_to_json(message: Message) -> dict[str, Any]:
    """Return a message in its wire form, which adds its text as `content`."""
    # By hand, as a long history is thousands of them: four times as fast.
    told = {
        "id": message.id,
        "parentId": message.parent_id,
        "role": message.role.value,
        "parts": [_part_to_json(part) for part in message.parts],
        "content": message.content,
        "provider": message.provider,
        "model": message.model,
        "usage": message.usage and _usage_to_json(message.usage),
        "createdAt": message.created_at.isoformat(),
        "status": message.status.value,
        "metadata": dict(message.metadata),
    }
    if message.cost is not None:
        told["cost"] = cost_to_json(message.cost)
    return told
