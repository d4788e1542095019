"""Values on the wire: texts of elements to Python's values and back, as the declarations say."""

from __future__ import annotations

import enum
import re
from typing import Any, Final

from lxml import etree

from app.web.soap.context import Context, InvalidObjectError
from app.web.soap.envelope import BadRequestError, Elements, add_text, new_element
from app.web.soap.managed import RANGES, Kind, Managed, Operation

_BOOLEANS: Final = {"true": True, "1": True, "false": False, "0": False}
_INTEGER: Final = re.compile(r"\s*[+-]?[0-9]{1,20}\s*")


def decode_arguments(
    operation: Operation, elements: Elements, context: Context
) -> dict[str, Any]:
    """What an operation is called with.

    Raises:
        BadRequestError: An element is missing, superfluous, or not of its type.
        InvalidObjectError: A reference names no object of its type.
    """
    unknown = elements.names() - set(operation.parameters) - {"_this"}
    if unknown:
        raise BadRequestError(f"{operation.name} has no element '{min(unknown)}'.")
    return {
        name: (
            [_decode(wire_name, kind, text, context) for text in elements.texts(wire_name)]
            if kind.many
            else _decode(wire_name, kind, elements.text(wire_name), context)
        )
        for wire_name, (name, kind) in operation.parameters.items()
    }


def _decode(name: str, kind: Kind, text: str, context: Context) -> Any:
    if issubclass(kind.type, Managed):
        target = context.find(text)
        if not isinstance(target, kind.type):
            raise InvalidObjectError(text)
        return target
    if kind.type is str:
        return text
    value: Any = None
    if issubclass(kind.type, enum.Enum):
        value = next((each for each in kind.type if each.value == text.strip()), None)
    elif kind.type is bool:
        value = _BOOLEANS.get(text.strip())
    elif _INTEGER.fullmatch(text):
        least, most = RANGES[kind.schema]
        value = int(text) if least <= int(text) <= most else None
    if value is None:
        raise BadRequestError(f"'{text[:80]}' in '{name}' is no value of the type {kind.schema}.")
    return value


def encode_answer(operation: Operation, value: Any, context: Context) -> etree._Element:
    """The element that answers an operation."""
    answer = new_element(f"{operation.name}Response")
    results = operation.results
    values = [value] if list(results) == ["returnval"] else value or []
    for (name, kind), each in zip(results.items(), values, strict=True):
        for item in each if kind.many else [each]:
            add_text(answer, name, _encode(item, context))
    return answer


def _encode(value: Any, context: Context) -> str:
    if value is None:
        return ""  # the null reference
    if isinstance(value, Managed):
        return context.refer(value)
    if isinstance(value, enum.Enum):
        return str(value.value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
