"""Compiles Qt Linguist files: ``python -m tools.qm FILE.ts...`` writes FILE.qm beside each.

The same as Qt's own lrelease, in Python alone, because the wheel is built where no Qt is installed.
The format is that of ``QTranslator``: sections of a tag, a length and data, big-endian; messages
are found by a hash of source text and comment (qttools, ``src/linguist/shared/qm.cpp``; qtbase,
``src/corelib/kernel/qtranslator.cpp``).
"""

import struct
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

_MAGIC: Final = bytes.fromhex("3cb86418caef9c95cd211cbf60a1bddd")

# Sections of the file.
_HASHES: Final = 0x42
_MESSAGES: Final = 0x69
_NUMERUS_RULES: Final = 0x88
_LANGUAGE: Final = 0xA7

# Parts of a message.
_END: Final = 1
_TRANSLATION: Final = 3
_SOURCE_TEXT: Final = 6
_CONTEXT: Final = 7
_COMMENT: Final = 8

# "The number is 1" tells the first form from the second in the Germanic languages.
_SINGULAR_IS_ONE: Final = bytes([0x01, 1])
_PLURAL_RULES: Final = {"de": _SINGULAR_IS_ONE, "en": _SINGULAR_IS_ONE, "nl": _SINGULAR_IS_ONE}


@dataclass(frozen=True)
class Message:
    """A text and its translation.

    Attributes:
        context: class or area that the text belongs to.
        source: the English text.
        comment: tells equal texts with different meanings apart.
        forms: the translation; several for a text with a number.
        finished: it is meant to be used.
    """

    context: str
    source: str
    comment: str
    forms: Sequence[str]
    finished: bool


def read_ts(path: Path) -> tuple[str, list[Message]]:
    """Return the language code and the messages of a Qt Linguist file, obsolete ones excluded.

    Raises:
        xml.etree.ElementTree.ParseError: the file is no XML.
    """
    root = ET.parse(path).getroot()  # noqa: S314 - the project's own files
    return root.get("language", ""), list(_messages(root))


def _messages(root: ET.Element) -> Iterator[Message]:
    for context in root.iter("context"):
        for element in context.iter("message"):
            translation = element.find("translation")
            if translation is None or translation.get("type") in ("obsolete", "vanished"):
                continue
            forms = [form.text or "" for form in translation.iter("numerusform")]
            yield Message(
                context.findtext("name") or "",
                element.findtext("source") or "",
                element.findtext("comment") or "",
                forms or [translation.text or ""],
                translation.get("type") != "unfinished" and all(forms or [translation.text]),
            )


def compile_messages(language: str, messages: Sequence[Message]) -> bytes:
    """Return the content of the ``.qm`` file with the finished ones of MESSAGES."""
    body = bytearray()
    offsets: list[tuple[int, int]] = []
    for message in messages:
        if message.finished:
            text = message.source.encode() + message.comment.encode()
            offsets.append((_elf_hash(text), len(body)))
            body += _encoded(message)
    hashes = b"".join(struct.pack(">II", *entry) for entry in sorted(offsets))
    rules = _PLURAL_RULES.get(language.split("_", maxsplit=1)[0], b"")
    sections = (
        (_LANGUAGE, language.encode()),
        (_HASHES, hashes),
        (_MESSAGES, bytes(body)),
        (_NUMERUS_RULES, rules),
    )
    return _MAGIC + b"".join(
        struct.pack(">BI", tag, len(data)) + data for tag, data in sections if data
    )


def _encoded(message: Message) -> bytes:
    parts = []
    for form in message.forms:
        text = form.encode("utf-16-be")
        parts.append(struct.pack(">BI", _TRANSLATION, len(text)) + text)
    for tag, word in (
        (_COMMENT, message.comment),
        (_SOURCE_TEXT, message.source),
        (_CONTEXT, message.context),
    ):
        data = word.encode()
        parts.append(struct.pack(">BI", tag, len(data)) + data)
    return b"".join(parts) + bytes([_END])


def _elf_hash(data: bytes) -> int:
    """Return the hash of ELF symbol tables (System V ABI, "Hash Table"), as QTranslator has it."""
    value = 0
    for byte in data:
        value = ((value << 4) + byte) & 0xFFFFFFFF
        high = value & 0xF0000000
        if high:
            value ^= high >> 24
        value &= ~high
    return value or 1


def compile_file(path: Path) -> Path:
    """Compile the Qt Linguist file PATH and return the file written."""
    target = path.with_suffix(".qm")
    part = target.with_suffix(".part")
    part.write_bytes(compile_messages(*read_ts(path)))
    part.replace(target)
    return target


if __name__ == "__main__":
    for name in sys.argv[1:]:
        compile_file(Path(name))
