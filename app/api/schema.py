"""The schema of the Main API: interfaces declared as protocols, methods found by name.

``@interface("machine", bound="id")`` on a :class:`typing.Protocol` declares every public function
of the class as a method. From that one declaration come the typed façade of clients, the check of
parameters in the service, the type of the result, and the reference pages. Nothing is listed
anywhere else; what is needed of a method is computed when it is first used.

An interface is declared in the module of :mod:`app.api.interfaces` that bears its name, so that a
client imports only those that it calls. The types that it names are imported for type checkers
only, and looked up in :data:`TYPE_MODULES` when a message is to be decoded.

Threading: all of this is immutable after import apart from caches that may be filled twice.
"""

from __future__ import annotations

import builtins
import functools
import importlib
import re
import types
import typing
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec

from app.api.errors import ApiError, ErrorCode
from app.decoding import decoder_of

if TYPE_CHECKING:
    import inspect

_T = TypeVar("_T")

METHODS: dict[str, Method] = {}
"""Every declared method by its name on the wire, such as ``machine.launch``."""

TYPE_MODULES: Final = (
    *("app.api.basics", "app.api.structs", "app.api.hoststructs", "app.settings.model"),
)
"""Where the types are that interfaces name, the module that is imported fastest first."""

_IDENTIFIER: Final = re.compile(r"[A-Za-z_]\w*")


def _type_hints(function: Callable[..., Any]) -> dict[str, Any]:
    """Resolved annotations of ``function``; imports what it names when nothing else has."""
    known = {*vars(builtins), *function.__globals__}
    named = {
        name
        for annotation in function.__annotations__.values()
        for name in _IDENTIFIER.findall(str(annotation))
    }
    late = {name: _find_type(name) for name in named - known}
    return typing.get_type_hints(function, localns=late, include_extras=True)


def _find_type(name: str) -> Any:
    for module in TYPE_MODULES:
        found = getattr(importlib.import_module(module), name, None)
        if found is not None:
            return found
    raise NameError(f"No module of {', '.join(TYPE_MODULES)} defines the type {name}")


class Method:
    """One method of an interface.

    Attributes:
        name: Name on the wire: interface, dot, function.
        function: The declaration.
        bound: Name of the parameter that the façade object carries (``id``), or None.
    """

    def __init__(self, name: str, function: types.FunctionType, bound: str | None) -> None:
        self.name = name
        self.function = function
        self.bound = bound

    @functools.cached_property
    def parameter_names(self) -> list[str]:
        """Names of the parameters in order; the bound one comes first."""
        code = self.function.__code__
        names = list(code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount])
        return names if self.bound is None else [self.bound, *names]

    @functools.cached_property
    def parameters(self) -> dict[str, inspect.Parameter]:
        """Parameters in order, with resolved annotations; the bound one comes first."""
        import inspect

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
    def params_type(self) -> type[msgspec.Struct]:
        """Structure with the parameters as fields; unknown ones are refused."""
        import inspect

        fields = [
            (p.name, p.annotation)
            if p.default is inspect.Parameter.empty
            else (p.name, p.annotation, p.default)
            for p in self.parameters.values()
        ]
        return msgspec.defstruct(
            self.name.replace(".", "_"), fields, kw_only=True, forbid_unknown_fields=True
        )

    @functools.cached_property
    def _params_decoder(self) -> msgspec.msgpack.Decoder[msgspec.Struct]:
        return decoder_of(self.params_type)

    @functools.cached_property
    def _result_decoder(self) -> msgspec.msgpack.Decoder[Any]:
        return decoder_of(self.result_type)

    def bind(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
        """Parameters by name; names and number are those of the declaration.

        Raises:
            TypeError: As a Python call with these arguments would.
        """
        names = self.parameter_names
        if len(args) > len(names):
            raise TypeError(f"{self.name}() takes {len(names)} arguments, {len(args)} were given")
        params = dict(zip(names, args, strict=False))
        for name, value in kwargs.items():
            if name not in names or name in params:
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
        return {name: getattr(struct, name) for name in self.parameter_names}

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
            if not attribute.startswith("_") and isinstance(function, types.FunctionType):
                method = Method(f"{name}.{attribute}", function, bound)
                METHODS[method.name] = method
        return cls

    return declare


_INTERFACES: Final = "app.api.interfaces"


def load_interfaces() -> None:
    """Import every interface, so that :data:`METHODS` is complete."""
    package = importlib.import_module(_INTERFACES)
    for name in package.__all__:
        getattr(package, name)


def _import_interface(name: str) -> None:
    """Import the module of an interface, if there is one; the name may come from a hostile peer."""
    if not name.isidentifier() or name.startswith("_"):
        return
    module = f"{_INTERFACES}.{name}"
    try:
        importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module:
            raise


def find_method(name: str) -> Method:
    """Declared method with this name on the wire.

    Raises:
        ApiError: ``E_NOTIMPL``: there is none.
    """
    method = METHODS.get(name)
    if method is None:
        _import_interface(name.partition(".")[0])
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
        try:
            method = find_method(f"{self._name}.{attribute}")
        except ApiError as error:
            raise AttributeError(
                f"The interface '{self._name}' has no method '{attribute}'"
            ) from error
        leading = () if self._bound_value is None else (self._bound_value,)

        def call(*args: Any, **kwargs: Any) -> Any:
            return self._invoke(method.name, method.bind(leading + args, kwargs))

        return call
