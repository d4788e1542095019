"""Declaring interfaces of the web service: one class each, one decorated function an operation.

Names and types on the wire follow from the declaration: the parameter ``name_or_id`` is the element
``nameOrId``, an enumeration is a simple type of its own, an object travels as a reference. The WSDL
and the checks of what clients send are made from the same declarations.
"""

from __future__ import annotations

import enum
import functools
import types
import typing
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final

if TYPE_CHECKING:
    from app.web.soap.context import Context

Int = Annotated[int, "int"]
UnsignedInt = Annotated[int, "unsignedInt"]
Long = Annotated[int, "long"]

RANGES: Final[Mapping[str, tuple[int, int]]] = types.MappingProxyType({
    "int": (-(1 << 31), (1 << 31) - 1),
    "unsignedInt": (0, (1 << 32) - 1),
    "long": (-(1 << 63), (1 << 63) - 1),
})
"""Least and largest value of the integers of XML Schema."""

OPERATIONS: Final[dict[str, Operation]] = {}
"""Every operation by its name on the wire, such as ``IMachine_getName``."""

_ABBREVIATIONS: Final = {"cpu": "CPU"}
_F = typing.TypeVar("_F", bound=Callable[..., Awaitable[Any]])


class Managed:
    """What clients hold references to.

    Attributes:
        interface: Name on the wire.
        context: Session in which the object lives.
    """

    interface: ClassVar[str] = ""

    def __init__(self, context: Context) -> None:
        self.context = context

    def __init_subclass__(cls, interface: str) -> None:
        super().__init_subclass__()
        cls.interface = interface
        for function in list(vars(cls).values()):
            name = getattr(function, "wire_name", None)
            if name is not None:
                full_name = f"{interface}_{name}"
                OPERATIONS[full_name] = Operation(full_name, cls, function)

    def key(self) -> object:
        """What makes two objects of a class the same one to clients."""
        return id(self)


def operation(name: str) -> Callable[[_F], _F]:
    """Declare a function of an interface under its name on the wire, such as ``getName``."""

    def mark(function: _F) -> _F:
        function.wire_name = name  # type: ignore[attr-defined]
        return function

    return mark


class Operation:
    """One operation.

    Attributes:
        name: On the wire.
        owner: Class of the object that it is asked of.
        function: Does it.
    """

    def __init__(
        self, name: str, owner: type[Managed], function: Callable[..., Awaitable[Any]]
    ) -> None:
        self.name = name
        self.owner = owner
        self.function = function

    @functools.cached_property
    def _hints(self) -> dict[str, Any]:
        return typing.get_type_hints(self.function, include_extras=True)

    @functools.cached_property
    def parameters(self) -> dict[str, tuple[str, Kind]]:
        """Name in Python and type of each element but ``_this``, in order."""
        return {
            camel_case(name): (name, Kind(hint))
            for name, hint in self._hints.items()
            if name != "return"
        }

    @functools.cached_property
    def results(self) -> dict[str, Kind]:
        """Type of each element of the answer: ``returnval``, or the fields of a named tuple."""
        hint = self._hints["return"]
        if hint is types.NoneType:
            return {}
        if isinstance(hint, type) and hasattr(hint, "_fields"):
            fields = typing.get_type_hints(hint, include_extras=True)
            return {camel_case(name): Kind(kind) for name, kind in fields.items()}
        return {"returnval": Kind(hint)}


class Kind:
    """The type of one element.

    Attributes:
        many: The element may come any number of times.
        type: Python's type of one value.
        schema: Name of the type in XML Schema; that of an enumeration is its own.
    """

    def __init__(self, hint: Any) -> None:
        self.many = typing.get_origin(hint) is list
        if self.many:
            (hint,) = typing.get_args(hint)
        self.optional = typing.get_origin(hint) is types.UnionType
        if self.optional:
            hint = typing.get_args(hint)[0]
        self.schema = "string"
        if typing.get_origin(hint) is Annotated:
            hint, self.schema = typing.get_args(hint)
        elif hint is bool:
            self.schema = "boolean"
        elif issubclass(hint, enum.Enum):
            self.schema = hint.__name__
        self.type: type = hint


def camel_case(name: str) -> str:
    """``name_or_id`` as ``nameOrId``, ``cpu_count`` as ``CPUCount``."""
    first, *rest = name.split("_")
    return _ABBREVIATIONS.get(first, first) + "".join(word[:1].upper() + word[1:] for word in rest)


def load_interfaces() -> None:
    """Import every module that declares operations."""
    from app.web.soap import (  # noqa: F401
        console,
        logon,
        machine,
        media,
        progress,
        snapshots,
        virtualbox,
    )
