r"""The configuration of autostart: who may have machines that start by themselves.

The format is that of VBoxAutostart: ``default_policy = allow`` or ``deny``, then sections that bear
the names of users, in any order; ``#`` begins a comment::

    default_policy = deny
    alice = {
        allow = true
        startup_delay = 10
    }

The program runs for one user, so the sections of others have no effect here.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final, NamedTuple

_LIMIT: Final = 1 << 20
_MAX_DELAY: Final = 0xFFFFFFFF
_TOKEN: Final = re.compile(
    r"""(?P<space>[ \t\r]+|\#[^\n]*)|(?P<line>\n)|(?P<sign>[={}])"""
    r"""|"(?P<quoted>[^"\n]*)"|(?P<word>[^\s={}"\#]+)"""
)
_SWITCHES: Final = {"true": True, "1": True, "false": False, "0": False}


class RulesError(Exception):
    """The configuration cannot be used; the text says why and where."""


class Rule(NamedTuple):
    """What the configuration says about one user.

    Attributes:
        allowed: Machines of the user may start by themselves.
        startup_delay_s: Seconds before the first.
    """

    allowed: bool = True
    startup_delay_s: int = 0


def rule_for(user: str, file: Path) -> Rule:
    """What a configuration file says about a user.

    Raises:
        RulesError: It cannot be read, or is none.
    """
    try:
        with file.open(encoding="utf-8") as opened:
            text = opened.read(_LIMIT)
    except (OSError, UnicodeDecodeError) as error:
        raise RulesError(f"The configuration '{file}' cannot be read: {error}") from error
    try:
        return _Reader(text).rule(user)
    except RulesError as error:
        raise RulesError(f"The configuration '{file}' is wrong: {error}") from error


class _Reader:
    """Takes a configuration apart."""

    def __init__(self, text: str) -> None:
        self._tokens: list[tuple[int, str, bool]] = []
        line, position = 1, 0
        while position < len(text):
            found = _TOKEN.match(text, position)
            if found is None:
                raise RulesError(f"line {line}: {text[position]!r} is not expected")
            if found.lastgroup == "line":
                line += 1
            elif found.lastgroup != "space":
                value = found[found.lastgroup or 0]
                self._tokens.append((line, value, found.lastgroup == "sign"))
            position = found.end()
        self._line = line

    def rule(self, user: str) -> Rule:
        """The rule for a user."""
        allowed: bool | None = None
        delay = 0
        policy = True
        while self._tokens:
            key = self._word("a name")
            self._sign("=")
            if self._next_is("{"):
                section = self._section()
                if key == user:
                    allowed = section.get("allow", True) is True
                    delay = int(section.get("startup_delay", 0))
            elif key == "default_policy":
                value = self._word("allow or deny")
                if value not in ("allow", "deny"):
                    raise self._misread(f"default_policy is allow or deny, not '{value}'")
                policy = value == "allow"
            else:
                raise self._misread(f"'{key}' is neither default_policy nor a section")
        return Rule(policy if allowed is None else allowed, delay)

    def _section(self) -> dict[str, int | bool]:
        self._sign("{")
        values: dict[str, int | bool] = {}
        while not self._next_is("}"):
            key = self._word("a setting or a closing brace")
            self._sign("=")
            value = self._word("a value")
            if key == "allow" and value in _SWITCHES:
                values[key] = _SWITCHES[value]
            elif key == "startup_delay" and value.isdecimal() and int(value) <= _MAX_DELAY:
                values[key] = int(value)
            else:
                raise self._misread(f"'{key} = {value}' is no setting of a user")
        self._sign("}")
        return values

    def _next_is(self, sign: str) -> bool:
        return bool(self._tokens) and self._tokens[0][1:] == (sign, True)

    def _word(self, expected: str) -> str:
        if not self._tokens or self._tokens[0][2]:
            raise self._wrong(f"{expected} is expected")
        self._line, value, _ = self._tokens.pop(0)
        return value

    def _sign(self, sign: str) -> None:
        if not self._next_is(sign):
            raise self._wrong(f"'{sign}' is expected")
        self._line = self._tokens.pop(0)[0]

    def _misread(self, sentence: str) -> RulesError:
        """What was read last is wrong."""
        return RulesError(f"line {self._line}: {sentence}")

    def _wrong(self, sentence: str) -> RulesError:
        """What comes next is wrong."""
        line = self._tokens[0][0] if self._tokens else self._line
        return RulesError(f"line {line}: {sentence}")
