"""The host key combination: keys that talk to the window and never to the guest."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum, auto

from app.common.hostkeys import ModifierKey, host_keys_text
from app.common.translation import tr
from app.console.pckeys import MODIFIER_KEYS, PcKey

DEFAULT_HOST_KEYS = frozenset({PcKey.RIGHT_CTRL})


class Verdict(Enum):
    """What becomes of a key event."""

    GUEST = auto()  # it goes to the guest
    SWALLOW = auto()  # it belongs to the host key
    ENGAGE = auto()  # the combination is complete: what the guest holds of it must be let go
    COMMAND = auto()  # a key pressed together with the host key
    ALONE = auto()  # the host key was pressed and let go with nothing in between


class HostKey:
    """State machine of the host key combination.

    A combination of several keys shows the guest each of them until it is complete, since any of
    them may be meant for the guest.

    Args:
        keys: one to three modifier keys; none switches the host key off.

    Raises:
        ValueError: a key is not a modifier, or there are more than three.
    """

    def __init__(self, keys: Iterable[PcKey] = DEFAULT_HOST_KEYS) -> None:
        self.keys = frozenset(keys)
        if len(self.keys) > 3 or not self.keys <= MODIFIER_KEYS:
            raise ValueError("A host key combination consists of one to three modifier keys.")
        self._down: set[PcKey] = set()
        self._commands: set[PcKey] = set()
        self._engaged = False
        self._alone = False

    @property
    def label(self) -> str:
        """What the combination is called, such as ``Right Ctrl``."""
        return host_keys_text({ModifierKey[key.name] for key in self.keys}, tr("None"))

    @property
    def engaged(self) -> bool:
        """Whether the whole combination is down."""
        return self._engaged

    def press(self, key: PcKey | None, *, repeat: bool = False) -> Verdict:
        """Judge a key that went down; None is a key that a PC keyboard does not have."""
        if key in self.keys and key is not None:
            self._down.add(key)
            if self._engaged:
                return Verdict.SWALLOW
            if self._down != self.keys:
                return Verdict.GUEST
            self._engaged = self._alone = True
            return Verdict.ENGAGE
        if not self._engaged:
            return Verdict.GUEST
        self._alone = False
        if key is not None:
            self._commands.add(key)
        return Verdict.SWALLOW if repeat else Verdict.COMMAND

    def release(self, key: PcKey | None) -> Verdict:
        """Judge a key that went up."""
        if key in self.keys and key is not None:
            self._down.discard(key)
            if not self._engaged:
                return Verdict.GUEST
            if self._down:
                return Verdict.SWALLOW
            alone, self._engaged, self._alone = self._alone, False, False
            return Verdict.ALONE if alone else Verdict.SWALLOW
        if key in self._commands:
            self._commands.discard(key)
            return Verdict.SWALLOW
        return Verdict.GUEST

    def forget(self) -> None:
        """Everything is up: the window lost the keyboard and will not see the releases."""
        self._down.clear()
        self._commands.clear()
        self._engaged = self._alone = False
