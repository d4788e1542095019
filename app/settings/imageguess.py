"""Which guest operating system an optical image holds, from what it says of itself."""

from __future__ import annotations

import functools
import importlib.resources
import re
from collections.abc import Callable
from typing import NamedTuple

import msgspec

from app.settings.guestos import find_os_type, guess_os_type

_IS_32BIT = re.compile(
    r"x86fre|x86chk|(?<![a-z0-9])i[3-6]86|(?<![a-z0-9])x86(?![_-]?64)|32-?bit", re.IGNORECASE
)
_IS_ARM = re.compile(r"aarch64|\barm64|_a64fre", re.IGNORECASE)
_LONGEST_PRODUCT = 80


class _Label(NamedTuple):
    """A pattern of volume identifiers; see :mod:`resources.guestos`."""

    pattern: str
    id64: str
    id32: str
    is_rough: bool = False


class _Table(msgspec.Struct, frozen=True):
    texts: tuple[str, ...]
    labels: tuple[_Label, ...]


class Guess(NamedTuple):
    """A guest operating system and the words that led to it.

    Attributes:
        os_type_id: id in the table of guest systems, empty when nothing is known.
        product: name of the product in the words of the image; empty when it has none.
    """

    os_type_id: str
    product: str


@functools.cache
def image_table() -> _Table:
    """Return the table of texts and labels."""
    table = importlib.resources.files("resources.guestos").joinpath("images.json")
    return msgspec.json.decode(table.read_bytes(), type=_Table)


def guess_of_image(label: str, file_stem: str, read_text: Callable[[str], str | None]) -> Guess:
    """Return what is on an image.

    What the image's own files say counts more than its label, and that more than the name of the
    file, which people change; but a label that several releases share gives way to the name.

    Args:
        label: volume identifier.
        file_stem: name of the file without its ending.
        read_text: returns the text of a file on the image, or None.
    """
    for path in image_table().texts:
        text = read_text(path)
        product = _product_of(text) if text else ""
        found = guess_os_type(product)
        if found is not None:
            return Guess(_for_architecture(found, product), product)
    by_name = guess_os_type(file_stem)
    row = _row_of(label)
    if row is not None:
        is_32bit = bool(_IS_32BIT.search(f"{label} {file_stem}"))
        found = row.id32 if row.id32 and is_32bit else row.id64
        if row.is_rough and by_name is not None and _family(by_name) == _family(found):
            found = by_name
        return Guess(_for_architecture(found, label), "")
    found = guess_os_type(label)
    if found is not None:
        return Guess(_for_architecture(found, label), "")
    return Guess(_for_architecture(by_name, file_stem) if by_name else "", "")


def _row_of(label: str) -> _Label | None:
    folded = label.strip().lower()
    return next((row for row in image_table().labels if re.search(row.pattern, folded)), None)


def _product_of(text: str) -> str:
    """Return the line of a text that names the product: ``name = X`` in INI files, else the first.

    ``.discinfo`` begins with a time stamp.
    """
    name = re.search(r"^(?:name|family)\s*=\s*(.+)$", text, re.MULTILINE)
    arch = re.search(r"^arch\s*=\s*(.+)$", text, re.MULTILINE)
    if name is not None:
        product = f"{name[1].strip()} {arch[1].strip() if arch else ''}"
    else:
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        product = next((line for line in lines if not re.fullmatch(r"[\d.]+", line)), "")
    return product.strip()[:_LONGEST_PRODUCT]


def _family(os_type_id: str) -> str:
    known = find_os_type(os_type_id)
    return known.family_id if known is not None else ""


def _for_architecture(os_type_id: str, words: str) -> str:
    """Return the ARM variant of a system where the image is for ARM."""
    if _IS_ARM.search(words):
        arm = f"{os_type_id.removesuffix('_64')}_arm64"
        known = find_os_type(arm)
        family = "Linux_arm64" if _family(os_type_id) == "Linux" else os_type_id
        return known.id if known is not None else family
    return os_type_id
