"""Checking what a client sent against the shape a method takes."""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, Literal, TypeVar, get_args

import attrs
import cattrs
from cattrs.errors import ForbiddenExtraKeysError

from abstractllm.encoding import camel_case, make_converter
from abstractllm.enums import ModelParameter
from abstractllm_server.errors import InvalidArguments

T = TypeVar("T")


def decode(arguments: Any, cls: type[T]) -> T:
    """Return `arguments`, an object or null, as an instance of `cls`.

    Raises `InvalidArguments` with a sentence that names every wrong key.
    """
    if arguments is None:
        arguments = {}
    if not isinstance(arguments, Mapping):
        raise InvalidArguments("The argument must be one object.")
    try:
        return _converter().structure(arguments, cls)
    except cattrs.BaseValidationError as error:
        raise InvalidArguments(f"{'; '.join(_complaints(error))}.") from None


def parameters_from_wire(
    config: Mapping[str, Any] | None, model: str | None = None
) -> dict[ModelParameter, Any]:
    """Return model parameters by their names on the wire: `maxTokens`, `apiKey`, ….

    A `model` beside them goes over one among them. Raises `InvalidArguments` for a
    name that is none.
    """
    config = config or {}
    known = ", ".join(_PARAMETERS)
    for name in config.keys() - _PARAMETERS.keys():
        raise InvalidArguments(f"There is no parameter {name!r} (known: {known}).")
    named = {_PARAMETERS[name]: value for name, value in config.items()}
    return named if model is None else {**named, ModelParameter.MODEL: model}


_PARAMETERS = {camel_case(name): name for name in ModelParameter}


class _Wrong(ValueError):
    """A value of the wrong type; the message says what it must be."""


def _complaints(error: cattrs.BaseValidationError, path: str = "") -> Iterator[str]:
    if isinstance(error, cattrs.IterableValidationError):
        of_parts, others = error.group_exceptions()
        named = [(cause, f"{path}[{note.index}]") for cause, note in of_parts]
    else:
        assert isinstance(error, cattrs.ClassValidationError)
        of_fields, others = error.group_exceptions()
        prefix = f"{path}." if path else ""
        named = [(cause, prefix + camel_case(note.name)) for cause, note in of_fields]
    for cause, name in named:
        if isinstance(cause, cattrs.BaseValidationError):
            yield from _complaints(cause, name)
        elif isinstance(cause, KeyError):
            yield f"`{name}` is missing"
        else:
            yield f"`{name}` {cause if isinstance(cause, _Wrong) else 'is wrong'}"
    for cause in others:
        if isinstance(cause, ForbiddenExtraKeysError):
            known = ", ".join(
                camel_case(field.name) for field in attrs.fields(cause.cl)
            )
            for key in sorted(cause.extra_fields):
                yield f"`{path}{'.' if path else ''}{key}` is unknown (known: {known})"


@cache
def _converter() -> cattrs.Converter:
    converter = make_converter(forbid_extra_keys=True)

    def exactly(cls: type, name: str) -> Callable[[Any, Any], Any]:
        def check(value: Any, _: Any) -> Any:
            if type(value) is not cls:  # isinstance would take `true` for a number
                raise _Wrong(f"must be {name}")
            return value

        return check

    def one_of(value: Any, cls: Any) -> Any:
        if value not in get_args(cls):
            raise _Wrong(f"must be one of: {', '.join(get_args(cls))}")
        return value

    converter.register_structure_hook(str, exactly(str, "a string"))
    converter.register_structure_hook(int, exactly(int, "a whole number"))
    converter.register_structure_hook(bool, exactly(bool, "true or false"))
    converter.register_structure_hook_func(
        lambda cls: cls == Mapping[str, Any], exactly(dict, "an object")
    )
    converter.register_structure_hook_func(
        lambda cls: getattr(cls, "__origin__", None) is Literal, one_of
    )
    return converter
