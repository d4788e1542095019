"""Sizes in bytes as text and back; units are powers of 1024, as VirtualBox shows them."""

import re

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, QLocale

KB = 1 << 10
MB = 1 << 20
GB = 1 << 30
TB = 1 << 40

_UNITS = {"B": 1, "KB": KB, "MB": MB, "GB": GB, "TB": TB}
_SHOWN_UNITS = (
    (str(QT_TRANSLATE_NOOP("ByteSize", "TB")), TB),
    (str(QT_TRANSLATE_NOOP("ByteSize", "GB")), GB),
    (str(QT_TRANSLATE_NOOP("ByteSize", "MB")), MB),
    (str(QT_TRANSLATE_NOOP("ByteSize", "KB")), KB),
)
_SIZE = re.compile(r"^\s*(?P<number>\d+(?:[.,]\d+)?)\s*(?P<unit>[KMGT]?B?)\s*$", re.IGNORECASE)


def format_size(size: int) -> str:
    """Return SIZE bytes with the largest unit in which it is at least 1, two decimals."""
    for unit, factor in _SHOWN_UNITS:
        if size >= factor:
            number = QLocale().toString(size / factor, "f", 2)
            return f"{number} {QCoreApplication.translate('ByteSize', unit)}"
    return QCoreApplication.translate("ByteSize", "{size} B").format(size=size)


def parse_size(text: str, *, default_unit: int = MB) -> int | None:
    """Return the bytes that TEXT ("20 GB", "1.5tb", "500") means, or None.

    Args:
        text: number with point or comma and an optional unit.
        default_unit: bytes per unit of a number without unit.
    """
    match = _SIZE.match(text)
    if match is None:
        return None
    unit = match["unit"].upper()
    if unit and unit != "B" and not unit.endswith("B"):
        unit += "B"
    factor = _UNITS[unit] if unit else default_unit
    return round(float(match["number"].replace(",", ".")) * factor)
