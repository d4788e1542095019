"""Guest properties of machines: permanent ones in their settings, transient ones in memory."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Final

import msgspec

from app.api.errors import ApiError, ErrorCode
from app.api.events import GuestPropertyChanged
from app.service.transient import Transient
from app.settings.model import GuestProperty, MachineSettings

if TYPE_CHECKING:
    from app.service.hub import EventHub
    from app.service.machine import Machine
    from app.service.peer import Peer

MAX_NAME_BYTES: Final = 63
MAX_VALUE_BYTES: Final = 1023
"""Of the guest property service of VirtualBox, without the terminating zero."""

_FLAGS: Final = ("TRANSIENT", "TRANSRESET", "RDONLYGUEST", "RDONLYHOST", "READONLY")
"""In the order in which they are written."""

_TRANSIENT: Final = {"TRANSIENT", "TRANSRESET"}
_NOT_FOR_THE_HOST: Final = {"RDONLYHOST", "READONLY"}


class GuestPropertyStore:
    """The properties of all machines; methods may be called from any thread."""

    def __init__(self, hub: EventHub) -> None:
        self._hub = hub
        self._transient: Transient[GuestProperty] = Transient()

    def get(self, machine: Machine, name: str) -> GuestProperty | None:
        """The property with this name, or None."""
        with machine.lock:
            return self._all(machine).get(name)

    def enumerate(self, machine: Machine, patterns: str) -> list[GuestProperty]:
        """Properties whose names match, in the order of their names."""
        wanted = compile_patterns(patterns)
        with machine.lock:
            found = self._all(machine)
        return [found[name] for name in sorted(found) if wanted.fullmatch(name)]

    def set(
        self, machine: Machine, peer: Peer, name: str, value: str, flags: str | None
    ) -> None:
        """Store a property; see ``guest_property.set``."""
        _check_size("name", name, MAX_NAME_BYTES)
        if not name or re.search(r"[*?|\0]", name):
            raise _invalid(f"'{name}' cannot be the name of a guest property.")
        _check_size("value", value, MAX_VALUE_BYTES)
        with machine.lock:
            machine.require_editable_by(peer)
            before = self._all(machine).get(name)
            _require_writable(before)
            words = parse_flags(before.flags if before and flags is None else flags or "")
            changed = GuestProperty(
                name=name, value=value, timestamp=time.time_ns(), flags=",".join(words)
            )
            self._put(machine, name, changed)
        self._hub.fire(
            GuestPropertyChanged(id=machine.id, name=name, value=value, flags=changed.flags)
        )

    def delete(self, machine: Machine, peer: Peer, name: str) -> None:
        """Remove a property; see ``guest_property.delete``."""
        with machine.lock:
            machine.require_editable_by(peer)
            before = self._all(machine).get(name)
            if before is None:
                return
            _require_writable(before)
            self._put(machine, name, None)
        self._hub.fire(GuestPropertyChanged(id=machine.id, name=name, was_deleted=True))

    def _all(self, machine: Machine) -> dict[str, GuestProperty]:
        stored = {prop.name: prop for prop in machine.settings.hardware.guest_properties}
        return stored | self._transient.of(machine)

    def _put(self, machine: Machine, name: str, changed: GuestProperty | None) -> None:
        """Put a property where it belongs and take it away from where it was."""
        transient = self._transient.of(machine)
        keeps = changed is not None and not _TRANSIENT & {*changed.flags.split(",")}
        stored = machine.settings.hardware.guest_properties
        rest = [prop for prop in stored if prop.name != name]
        if keeps and changed is not None:
            rest.append(changed)
        if rest != stored:
            machine.write_settings(_with_properties(machine.settings, rest))
        transient.pop(name, None)
        if changed is not None and not keeps:
            transient[name] = changed


def parse_flags(text: str) -> list[str]:
    """Flags in the order in which they are written; both read-only ones together are one.

    Raises:
        ApiError: ``E_INVALIDARG``: names what is no flag.
    """
    given = {word.strip().upper() for word in text.split(",")} - {""}
    unknown = given.difference(_FLAGS)
    if unknown:
        raise _invalid(f"'{min(unknown)}' is not a flag of guest properties: '{text}'.")
    if given >= {"RDONLYGUEST", "RDONLYHOST"}:
        given.add("READONLY")
    if "READONLY" in given:
        given -= {"RDONLYGUEST", "RDONLYHOST"}
    return [flag for flag in _FLAGS if flag in given]


def compile_patterns(patterns: str) -> re.Pattern[str]:
    """What matches one of the patterns with ``*`` and ``?``, separated by ``|`` or commas."""
    alternatives = [part.strip() for part in re.split(r"[|,]", patterns)]
    wanted = [part for part in alternatives if part] or ["*"]
    return re.compile("|".join(_translate(part) for part in wanted), re.DOTALL)


def _translate(pattern: str) -> str:
    return re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")


def _with_properties(
    settings: MachineSettings, properties: list[GuestProperty]
) -> MachineSettings:
    hardware = msgspec.structs.replace(settings.hardware, guest_properties=properties)
    return msgspec.structs.replace(settings, hardware=hardware)


def _require_writable(prop: GuestProperty | None) -> None:
    if prop is not None and _NOT_FOR_THE_HOST & {*prop.flags.split(",")}:
        raise ApiError(
            ErrorCode.E_ACCESSDENIED,
            f"The property '{prop.name}' cannot be changed by the host",
            "machine",
        )


def _check_size(what: str, text: str, limit: int) -> None:
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > limit:
        raise _invalid(f"The {what} of a guest property has at most {limit} bytes, not {size}.")


def _invalid(sentence: str) -> ApiError:
    return ApiError(ErrorCode.E_INVALIDARG, sentence, "machine")
