"""Tools made from plain functions, dictionaries or definitions."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import attrs

from abstractllm.enums import ToolKind
from abstractllm.errors import InvalidParameter
from abstractllm.interface import ToolSpec

if TYPE_CHECKING:
    from pydantic_core import SchemaValidator, ValidationError


@attrs.frozen(kw_only=True, slots=False)
class ToolDefinition(ToolSpec):
    """A tool a model may call, and the function that answers.

    `function` may be synchronous (it runs in a thread) or asynchronous. A tool without
    one is only declared: the model is told that it cannot be run here. `kind` is that
    of our own tools; a program's functions have none, are offered in every mode, and
    nobody is asked about them. A tool that acts returns a `Proposal`.
    """

    function: Callable[..., Any] | None = None
    kind: ToolKind | None = None

    @classmethod
    def from_function(
        cls, function: Callable[..., Any], kind: ToolKind | None = None
    ) -> ToolDefinition:
        """Return the tool that calls `function`.

        Its name, docstring and annotated parameters are what the model sees. Raises
        `InvalidParameter` where the parameters cannot be told in a JSON schema.
        """
        return cls(
            name=_name(function),
            description=inspect.getdoc(function) or "",
            parameters=_parameters_schema(function),
            function=function,
            kind=kind,
        )

    def bind(self, arguments: Mapping[str, Any]) -> Callable[[], Any]:
        """Return a call of the function with checked and converted arguments.

        Raises `InvalidParameter` for arguments it does not take.
        """
        from pydantic_core import ValidationError

        if self.function is None:
            raise InvalidParameter(f"The tool {self.name!r} cannot be run here.")
        try:
            args, kwargs = self._validator.validate_json(json.dumps(arguments))
        except ValidationError as error:
            raise InvalidParameter(_complaints(error)) from error
        return partial(self.function, *args, **kwargs)

    @cached_property
    def _validator(self) -> SchemaValidator:
        from pydantic import TypeAdapter
        from pydantic_core import SchemaValidator

        call: Any = TypeAdapter[Any](cast(Any, self.function)).core_schema
        while "arguments_schema" not in call:  # a wrapper that holds definitions
            call = call["schema"]
        return SchemaValidator(call["arguments_schema"])


Tool: TypeAlias = Mapping[str, Any] | Callable[..., Any] | ToolDefinition


def tool_definition(tool: Tool) -> ToolDefinition:
    """Return any accepted form of a tool as a `ToolDefinition`.

    A dictionary holds `name`, `description`, `parameters` and, to be callable,
    `function`; or it is OpenAI's `{"type": "function", "function": {...}}`.
    """
    if isinstance(tool, ToolDefinition):
        return tool
    if isinstance(tool, Mapping):
        return _from_mapping(tool)
    if callable(tool):
        return ToolDefinition.from_function(tool)
    raise InvalidParameter(
        f"A tool is a function, a dictionary or a ToolDefinition, not {tool!r}."
    )


def _from_mapping(tool: Mapping[str, Any]) -> ToolDefinition:
    inner = tool.get("function")
    fields = dict(inner if isinstance(inner, Mapping) else tool)
    fields.pop("type", None)
    try:
        return ToolDefinition(**fields)
    except TypeError:
        raise InvalidParameter(
            "A tool's dictionary has `name`, and may have `description`, `parameters` "
            f"and `function`; this one has: {', '.join(map(str, fields))}."
        ) from None


def _name(function: Callable[..., Any]) -> str:
    name = getattr(function, "__name__", type(function).__name__)
    return "anonymous" if name == "<lambda>" else name


def _parameters_schema(function: Callable[..., Any]) -> dict[str, Any]:
    from pydantic import TypeAdapter
    from pydantic.errors import PydanticUserError

    try:
        schema = TypeAdapter[Any](cast(Any, function)).json_schema()
    except (PydanticUserError, NameError) as error:
        raise InvalidParameter(
            f"The tool {_name(function)!r} has a parameter that cannot be told in a "
            "JSON schema. Annotate its parameters with plain types."
        ) from error
    schema = _inlined(schema, schema.pop("$defs", {}))
    return {"type": "object", **schema, "properties": schema.get("properties", {})}


def _inlined(schema: Any, definitions: Mapping[str, Any]) -> Any:
    """Return a schema with its definitions in place: not every server follows them."""
    if isinstance(schema, list):
        return [_inlined(item, definitions) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        others = {key: value for key, value in definitions.items() if key != name}
        return _inlined(definitions.get(name, {"type": "object"}), others)
    return {key: _inlined(value, definitions) for key, value in schema.items()}


def _complaints(error: ValidationError) -> str:
    return "; ".join(
        f"{'.'.join(map(str, detail['loc']))}: {detail['msg']}"
        for detail in error.errors(include_url=False)
    )
