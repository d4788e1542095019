"""The schema of the Main API: interfaces declared as protocols, methods found by name.

``@interface("machine", bound="id")`` on a :class:`typing.Protocol` declares every public function
of the class as a method. From that one declaration come the typed façade of clients, the check of
parameters in the service, the type of the result, and the reference pages. Nothing is listed
anywhere else; what is needed of a method is computed when it is first used.

Threading: all of this is immutable after import apart from caches that may be filled twice.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import typing
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

import msgspec

from app.api.errors import ApiError, ErrorCode

_T = TypeVar("_T")

METHODS: dict[str, Method] = {}
"""Every declared method by its name on the wire, such as ``machine.launch``."""

_LATE_TYPES: Final = {"MachineSettings": "app.settings.model"}
"""Types that interfaces name without importing them.

The model of the settings takes longer to import than a command line client may take in all, and
most calls do not carry it.
"""


def _type_hints(function: Callable[..., Any]) -> dict[str, Any]:
    """Resolved annotations of ``function``; imports what it names when nothing else has."""
    late = {
        name: getattr(importlib.import_module(module), name)
        for name, module in _LATE_TYPES.items()
        if any(name in str(annotation) for annotation in function.__annotations__.values())
    }
    return typing.get_type_hints(function, localns=late, include_extras=True)


class Method:
    """One method of an interface.

    Attributes:
        name: Name on the wire: interface, dot, function.
        function: The declaration.
        bound: Name of the parameter that the façade object carries (``id``), or None.
    """

    def __init__(self, name: str, function: Callable[..., Any], bound: str | None) -> None:
        self.name = name
        self.function = function
        self.bound = bound

    @functools.cached_property
    def parameters(self) -> dict[str, inspect.Parameter]:
        """Parameters in order, with resolved annotations; the bound one comes first."""
        hints = _type_hints(self.function)
        declared = list(inspect.signature(self.function).parameters.values())[1:]
        result = {p.name: p.replace(annotation=hints[p.name]) for p in declared}
        if self.bound is None:
            return result
        first = inspect.Parameter(
            self.bound, inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=str
        )
        return {self.bound: first, **result}

    @functools.cached_property
    def result_type(self) -> Any:
        """Type of the result."""
        return _type_hints(self.function)["return"]

    @functools.cached_property
    def _params_decoder(self) -> msgspec.msgpack.Decoder[msgspec.Struct]:
        fields = [
            (p.name, p.annotation)
            if p.default is inspect.Parameter.empty
            else (p.name, p.annotation, p.default)
            for p in self.parameters.values()
        ]
        struct = msgspec.defstruct(
            self.name.replace(".", "_"), fields, kw_only=True, forbid_unknown_fields=True
        )
        return msgspec.msgpack.Decoder(struct)

    @functools.cached_property
    def _result_decoder(self) -> msgspec.msgpack.Decoder[Any]:
        return msgspec.msgpack.Decoder(self.result_type)

    def bind(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
        """Parameters by name; names and number are those of the declaration.

        Raises:
            TypeError: As a Python call with these arguments would.
        """
        names = list(self.parameters)
        if len(args) > len(names):
            raise TypeError(f"{self.name}() takes {len(names)} arguments, {len(args)} were given")
        params = dict(zip(names, args, strict=False))
        for name, value in kwargs.items():
            if name not in self.parameters or name in params:
                raise TypeError(f"{self.name}() got an unexpected argument {name!r}")
            params[name] = value
        return params

    def decode_params(self, raw: msgspec.Raw) -> dict[str, Any]:
        """Checked parameters with defaults filled in.

        Raises:
            ApiError: ``E_INVALIDARG`` with what is wrong and where.
        """
        try:
            struct = self._params_decoder.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise ApiError(ErrorCode.E_INVALIDARG, f"{self.name}: {error}.", "schema") from error
        return {name: getattr(struct, name) for name in self.parameters}

    def decode_result(self, raw: msgspec.Raw) -> Any:
        """Typed result.

        Raises:
            ApiError: ``E_UNEXPECTED``: the peer broke the schema.
        """
        try:
            return self._result_decoder.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            message = f"The result of {self.name} is malformed: {error}."
            raise ApiError(ErrorCode.E_UNEXPECTED, message, "schema") from error


def interface(name: str, bound: str | None = None) -> Callable[[type[_T]], type[_T]]:
    """Declare the methods of a protocol class under ``name``.

    Args:
        name: First part of the methods' names on the wire.
        bound: Parameter that each façade object carries (and that comes first on the wire).
    """

    def declare(cls: type[_T]) -> type[_T]:
        for attribute, function in vars(cls).items():
            if not attribute.startswith("_") and inspect.isfunction(function):
                method = Method(f"{name}.{attribute}", function, bound)
                METHODS[method.name] = method
        return cls

    return declare


def find_method(name: str) -> Method:
    """Declared method with this name on the wire.

    Raises:
        ApiError: ``E_NOTIMPL``: there is none.
    """
    method = METHODS.get(name)
    if method is None:
        raise ApiError(ErrorCode.E_NOTIMPL, f"There is no method named '{name}'.", "schema")
    return method


class Facade:
    """Object with the methods of one interface that sends each call to ``invoke``.

    It stands in for the protocol class: façades are typed as the protocol they speak.
    """

    def __init__(
        self,
        name: str,
        invoke: Callable[[str, dict[str, Any]], Any],
        bound_value: str | None = None,
    ) -> None:
        self._name = name
        self._invoke = invoke
        self._bound_value = bound_value

    def __getattr__(self, attribute: str) -> Callable[..., Any]:
        method = METHODS.get(f"{self._name}.{attribute}")
        if method is None:
            raise AttributeError(f"The interface '{self._name}' has no method '{attribute}'")
        leading = () if self._bound_value is None else (self._bound_value,)

        def call(*args: Any, **kwargs: Any) -> Any:
            return self._invoke(method.name, method.bind(leading + args, kwargs))

        return call
