"""What a DHCP server tells some of its clients: who they are, and what is different for them."""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

MAC, VENDOR_CLASS, USER_CLASS = range(3)
"""What a condition looks at."""

_OPT_VENDOR_CLASS: Final = 60  # RFC 2132, 9.13
_OPT_USER_CLASS: Final = 77  # RFC 3004


@dataclass(frozen=True)
class Condition:
    """A property of clients.

    Attributes:
        what: `MAC`, `VENDOR_CLASS` or `USER_CLASS`.
        value: that it has; of a MAC address the digits, with or without separators.
        pattern: ``*`` and ``?`` in the value stand for anything and any character.
        inclusive: clients with it belong to the group; else they do not.
    """

    what: int
    value: str
    pattern: bool = False
    inclusive: bool = True

    def holds(self, mac: bytes, told: Mapping[int, bytes]) -> bool:
        """Tell whether a client with this address that says this has the property."""
        return any(self._fits(text) for text in self._texts(mac, told))

    def _fits(self, text: str) -> bool:
        wanted = self.value.lower().replace("-", ":") if self.what == MAC else self.value
        return fnmatchcase(text, wanted) if self.pattern else text == wanted

    def _texts(self, mac: bytes, told: Mapping[int, bytes]) -> Sequence[str]:
        if self.what == MAC:
            return mac.hex(), mac.hex(":")
        code = _OPT_VENDOR_CLASS if self.what == VENDOR_CLASS else _OPT_USER_CLASS
        data = told.get(code)
        if data is None:
            return ()
        # Many clients send a user class as it is, others behind its length as the RFC has it.
        rest = data[1:] if self.what == USER_CLASS and data[:1] == bytes((len(data) - 1,)) else data
        return rest.decode("latin-1"), data.decode("latin-1")


@dataclass(frozen=True)
class DhcpRule:
    """What is different for some clients.

    Attributes:
        conditions: a client belongs to the rule when one that includes it holds, and none that
            excludes it.
        options: what it is told, by code.
        suppressed: codes of what it is not told.
        lease_seconds: how long it gets its address; 0: nothing different.
    """

    conditions: Sequence[Condition]
    options: Mapping[int, bytes] = field(default_factory=dict)
    suppressed: frozenset[int] = frozenset()
    lease_seconds: int = 0

    def applies(self, mac: bytes, told: Mapping[int, bytes]) -> bool:
        """Tell whether a client belongs to the rule."""
        holding = [each.inclusive for each in self.conditions if each.holds(mac, told)]
        return bool(holding) and all(holding)


def combined(rules: Iterable[DhcpRule], usual: Mapping[int, bytes]) -> dict[int, bytes]:
    """Return the options that rules leave a client.

    Args:
        rules: those that apply, the most particular one first.
        usual: what all clients are told.
    """
    options: dict[int, bytes] = {}
    suppressed: set[int] = set()
    for rule in rules:
        suppressed |= rule.suppressed - options.keys()
        for code, value in rule.options.items():
            if code not in suppressed:
                options.setdefault(code, value)
    return {code: value for code, value in usual.items() if code not in suppressed} | options
