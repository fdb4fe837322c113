"""Checking what a client sent against the shape a method takes."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

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
        return _converter.structure(arguments, cls)
    except cattrs.ClassValidationError as error:
        raise InvalidArguments(f"{'; '.join(_complaints(error))}.") from None


def parameters_from_wire(config: Mapping[str, Any]) -> dict[ModelParameter, Any]:
    """Return model parameters by their names on the wire: `maxTokens`, `apiKey`, ….

    Raises `InvalidArguments` for a name that is none.
    """
    known = ", ".join(_PARAMETERS)
    for name in config.keys() - _PARAMETERS.keys():
        raise InvalidArguments(f"There is no parameter {name!r} (known: {known}).")
    return {_PARAMETERS[name]: value for name, value in config.items()}


_PARAMETERS = {camel_case(name): name for name in ModelParameter}


def _complaints(error: cattrs.ClassValidationError, path: str = "") -> Iterator[str]:
    of_attributes, others = error.group_exceptions()
    for cause, note in of_attributes:
        name = path + camel_case(note.name)
        if isinstance(cause, cattrs.ClassValidationError):
            yield from _complaints(cause, f"{name}.")
        elif isinstance(cause, KeyError):
            yield f"`{name}` is missing"
        else:
            yield f"`{name}` {cause}"
    for cause in others:
        if isinstance(cause, ForbiddenExtraKeysError):
            names = (camel_case(field.name) for field in attrs.fields(cause.cl))
            for key in sorted(cause.extra_fields):
                yield f"`{path}{key}` is unknown (known: {', '.join(names)})"


def _make_converter() -> cattrs.Converter:
    converter = make_converter(forbid_extra_keys=True)

    def exactly(cls: type, name: str) -> Callable[[Any, Any], Any]:
        def check(value: Any, _: Any) -> Any:
            if type(value) is not cls:  # isinstance would take `true` for a number
                raise TypeError(f"must be {name}")
            return value

        return check

    converter.register_structure_hook(str, exactly(str, "a string"))
    converter.register_structure_hook(int, exactly(int, "a whole number"))
    converter.register_structure_hook_func(
        lambda cls: cls == Mapping[str, Any], exactly(dict, "an object")
    )
    return converter


_converter = _make_converter()
