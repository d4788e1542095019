"""Spelling of single values in the settings files."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from app.settings.declare import Field, Setting

_NUMBER = re.compile(r"[+-]?\d{1,20}|0[xX][0-9a-fA-F]{1,16}")
_UUID = re.compile(
    r"\{?([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12})\}?"
)
_TRUE = {"true", "yes", "on", "1"}
_FALSE = {"false", "no", "off", "0"}
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class BadValueError(ValueError):
    """A text that is not a value of its setting; the message says what is expected."""


def parse_uuid(text: str) -> str:
    """Return a UUID in lower case without braces.

    Raises:
        BadValueError: the text is not a UUID.
    """
    match = _UUID.fullmatch(text.strip())
    if match is None:
        raise BadValueError("a UUID is expected")
    return match[1].lower()


def parse_number(text: str) -> int:
    """Return a decimal or ``0x`` hexadecimal number.

    Raises:
        BadValueError: the text is not a number.
    """
    text = text.strip()
    if _NUMBER.fullmatch(text) is None:
        raise BadValueError("a whole number is expected")
    return int(text, 16 if text[:2] in ("0x", "0X") else 10)


def parse_switch(text: str | None, *, absent: bool) -> bool:
    """Return a boolean in any of the spellings of settings files.

    Raises:
        BadValueError: the text is none of them.
    """
    if text is None:
        return absent
    folded = text.strip().lower()
    if folded in _TRUE:
        return True
    if folded in _FALSE:
        return False
    raise BadValueError("true or false is expected")


def parse(field: Field, text: str) -> Any:
    """Return the value that a text stands for.

    Raises:
        BadValueError: the text is not a value of this setting.
    """
    record = field.declaration
    if not isinstance(record, Setting):
        raise TypeError(f"{field.name} is not a single value")
    if field.type is bool:
        return _parse_bool(record, text)
    if field.type is int:
        number = parse_number(text)
        low, high = record.ge, record.le
        if (low is not None and number < low) or (high is not None and number > high):
            raise BadValueError(f"a number from {low} to {high} is expected")
        return number
    if field.type is dt.datetime:
        return _parse_time(text)
    if record.form == "uuid":
        return parse_uuid(text)
    if record.choices is not None:
        # Files of the first years spell some words in lower case.
        folded = text.strip().lower()
        return next((word.value for word in record.choices if word.lower() == folded), text)
    if record.max_length is not None and len(text) > record.max_length:
        raise BadValueError(f"at most {record.max_length} characters are expected")
    return text


def spell(field: Field, value: Any) -> str:
    """Return the text of a value.

    Raises:
        BadValueError: the value is not a UUID or holds characters that XML cannot hold.
    """
    record = field.declaration
    if isinstance(value, bool):
        words = record.words if isinstance(record, Setting) else ("false", "true")
        return words[value]
    form = record.form if isinstance(record, Setting) else "plain"
    if isinstance(value, int):
        return f"0x{value:x}" if form == "hex" else str(value)
    if isinstance(value, dt.datetime):
        naive = value.astimezone(dt.UTC).replace(tzinfo=None)
        return naive.isoformat(timespec="seconds") + "Z"
    if form == "uuid":
        return f"{{{parse_uuid(str(value))}}}"
    return checked_text(str(value))


def checked_text(text: str) -> str:
    """Return a text that XML can hold.

    Raises:
        BadValueError: it cannot.
    """
    match = _NOT_IN_XML.search(text)
    if match is not None:
        raise BadValueError(f"the character U+{ord(match[0]):04X} cannot be stored")
    return text


def _parse_bool(record: Setting, text: str) -> bool:
    word = text.strip()
    if word in record.words:
        return record.words.index(word) == 1
    try:
        return parse_switch(word, absent=False)
    except BadValueError as error:
        raise BadValueError(f"{record.words[1]} or {record.words[0]} is expected") from error


def _parse_time(text: str) -> dt.datetime:
    try:
        time = dt.datetime.fromisoformat(text.strip())
        if time.tzinfo is None:
            time = time.replace(tzinfo=dt.UTC)
        return time.astimezone(dt.UTC)
    except (ValueError, OverflowError) as error:
        raise BadValueError("a time as YYYY-MM-DDThh:mm:ssZ is expected") from error
