"""Which methods of the Main API the web service offers, and how their parameters come in.

Everything is derived from the schema: a method that is added there is here as well. What is meant
for VM processes and for the service itself is left out.
"""

from __future__ import annotations

import functools
import types
import typing
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from app.api.errors import ApiError, ErrorCode
from app.api.schema import METHODS, Method, load_interfaces
from app.decoding import describe

LEAST_INTEGER: Final = -(1 << 63)
LARGEST_INTEGER: Final = (1 << 64) - 1
"""What messages of the Main API (msgpack) can hold."""
_INTERNAL_INTERFACES: Final = {"session"}
_INTERNAL_METHODS: Final = {
    "console.apply_settings",
    "console.begin_save_state",
    "console.cancel_save_state",
    "console.begin_snapshot",
    "console.begin_merge",
    "console.commit_merge",
    "console.abandon_merge",
    "console.disk_work",
    "console.cancel_disk_work",
}
_READER_PREFIXES: Final = ("get", "list", "find", "query", "read", "compose", "enumerate")
_READERS: Final = {"console.screenshot", "console.screen_text", "debugger.info"}


class MalformedError(ApiError):
    """What was sent does not fit the declaration of the method; the Main API has not seen it."""

    def __init__(self, method: Method, what: object) -> None:
        super().__init__(ErrorCode.E_INVALIDARG, f"{method.name}: {what}.", "web")


@functools.cache
def exposed_methods() -> Mapping[str, Method]:
    """The methods of the web service by their names on the wire, sorted."""
    load_interfaces()
    return types.MappingProxyType({
        name: METHODS[name]
        for name in sorted(METHODS)
        if name.partition(".")[0] not in _INTERNAL_INTERFACES and name not in _INTERNAL_METHODS
    })


def exposed_method(interface: str, function: str) -> Method:
    """A method of the web service.

    Raises:
        ApiError: ``E_NOTIMPL``: there is none of this name.
    """
    method = exposed_methods().get(f"{interface}.{function}")
    if method is None:
        raise ApiError(
            ErrorCode.E_NOTIMPL, f"There is no method named '{interface}.{function}'.", "web"
        )
    return method


def is_reader(method: Method) -> bool:
    """Whether the method changes nothing, so that it may be called with GET."""
    first_word = method.name.partition(".")[2].partition("_")[0]
    return first_word in _READER_PREFIXES or method.name in _READERS


def params_from_body(method: Method, body: bytes) -> dict[str, Any]:
    """Checked parameters of a JSON object.

    Raises:
        MalformedError: What is wrong and where.
    """
    try:
        values = _plain_numbers(msgspec.json.decode(body or b"{}"))
    except (ValueError, RecursionError) as error:
        raise MalformedError(method, error) from error
    return _checked(method, values, strict=True)


def params_from_query(method: Method, query: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Checked parameters of a query string; a list's name comes once for each item.

    Raises:
        MalformedError: What is wrong and where.
    """
    values: dict[str, Any] = {}
    for name, text in query:
        parameter = method.parameters.get(name)
        if parameter is not None and _is_list(parameter.annotation):
            values.setdefault(name, []).append(text)
        elif name in values:
            raise MalformedError(method, f"'{name}' is given twice")
        else:
            values[name] = text
    return _checked(method, values, strict=False)


def _checked(method: Method, values: Any, *, strict: bool) -> dict[str, Any]:
    kind = method.params_type
    try:
        describe(kind)
        struct = msgspec.convert(values, kind, strict=strict)
        params = {name: getattr(struct, name) for name in method.parameter_names}
        # Integers without declared limits may be larger than a message can hold.
        msgspec.msgpack.encode(struct)
    except OverflowError as error:
        raise MalformedError(method, "an integer has more than 64 bits") from error
    except (ValueError, RecursionError) as error:
        raise MalformedError(method, error) from error
    return params


def _plain_numbers(value: Any) -> Any:
    """The same with integers where JSON Schema sees some: ``1.0`` and ``1e3`` are."""
    if isinstance(value, dict):
        return {name: _plain_numbers(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain_numbers(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _is_list(annotation: Any) -> bool:
    parts = typing.get_args(annotation) or (annotation,)
    return any(typing.get_origin(part) in {list, tuple} for part in (annotation, *parts))
