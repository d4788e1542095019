"""Finds out which physical key a Qt key event is about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent

from app.console.pckeys import PcKey
from app.vmwindow.keyboard.native_tables import (
    EVDEV,
    MACOS,
    WINDOWS,
    X11_KEYCODE_OFFSET,
)
from app.vmwindow.keyboard.qt_table import key_by_name


@dataclass(frozen=True)
class NativeKeys:
    """How one windowing system names keys.

    Attributes:
        table: PC keys by native code.
        code: takes the native code out of an event.
        trusted: whether the event tells a native code at all.
    """

    table: dict[int, PcKey]
    code: Callable[[QKeyEvent], int]
    trusted: Callable[[QKeyEvent], bool]


def _has_scan_code(event: QKeyEvent) -> bool:
    return event.nativeScanCode() != 0


_X11_AND_WAYLAND = NativeKeys(
    EVDEV, lambda event: event.nativeScanCode() - X11_KEYCODE_OFFSET, _has_scan_code
)
_WINDOWS = NativeKeys(WINDOWS, lambda event: event.nativeScanCode(), _has_scan_code)
# Key code 0 is the A key there, so only events without any native information are distrusted.
_MACOS = NativeKeys(
    MACOS,
    lambda event: event.nativeVirtualKey(),
    lambda event: bool(event.nativeScanCode() or event.nativeVirtualKey()),
)
_PLATFORMS = {"windows": _WINDOWS, "cocoa": _MACOS}


def key_of_event(event: QKeyEvent, platform: str | None = None) -> PcKey | None:
    """Return the key, or None when a PC keyboard has no such key.

    Args:
        event: a press or release.
        platform: Qt's platform name; that of this process when not given.
    """
    name = QGuiApplication.platformName() if platform is None else platform
    native = _PLATFORMS.get(name, _X11_AND_WAYLAND)
    if native.trusted(event):
        return native.table.get(native.code(event))
    keypad = bool(event.modifiers() & Qt.KeyboardModifier.KeypadModifier)
    return key_by_name(event.key(), keypad=keypad)
