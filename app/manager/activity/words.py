"""Measured values as text."""

from __future__ import annotations

from PySide6.QtCore import QLocale

from app.common.translation import tr
from app.manager.widgets.byte_sizes import format_size


def percent_text(value: float) -> str:
    """Return a percentage with one decimal."""
    return f"{QLocale().toString(float(value), 'f', 1)} %"


def kilobytes_text(value: float) -> str:
    """Return an amount of KiB."""
    return format_size(round(value) << 10)


def rate_text(value: float) -> str:
    """Return bytes per second."""
    return tr("{size}/s").format(size=format_size(round(value)))


def count_rate_text(value: float) -> str:
    """Return events per second."""
    return tr("{count}/s").format(count=QLocale().toString(round(value)))
