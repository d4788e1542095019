"""What people prefer of the user interface: typed, with VirtualBox's keys and formats.

The values are kept in the installation's extra data. Both the manager and the windows of machines
obey them; only the manager changes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from app.common.hostkeys import (
    DEFAULT_HOST_KEYS,
    ModifierKey,
    format_host_keys,
    parse_host_keys,
)
from app.common.shortcuts import format_shortcuts, parse_shortcuts

LANGUAGE: Final = "GUI/LanguageID"
COLOR_THEME: Final = "GUI/ColorTheme"
GUEST_SCALE_FACTOR: Final = "GUI/ScaleFactor"
# VirtualBox enlarges guest screens only; this one is for the windows around them.
SCALE_FACTOR: Final = "GUI/InterfaceScaleFactor"
FONT_SCALE_FACTOR: Final = "GUI/FontScaleFactor"
MAX_GUEST_RESOLUTION: Final = "GUI/MaxGuestResolution"
RAISE_HOVERED: Final = "GUI/ActivateHoveredMachineWindow"
NO_SCREEN_SAVER: Final = "GUI/DisableHostScreenSaver"
AUTO_CAPTURE: Final = "GUI/Input/AutoCapture"
HOST_KEYS: Final = "GUI/Input/HostKeyCombination"
MANAGER_SHORTCUTS: Final = "GUI/Input/SelectorShortcuts"
MACHINE_SHORTCUTS: Final = "GUI/Input/MachineShortcuts"

LEAST_PERCENT: Final = 100
MOST_PERCENT: Final = 200
MOST_SCALE_PERCENT: Final = 300  # of windows and of guest screens
LEAST_GUEST_SIZE: Final = (64, 64)
MOST_GUEST_SIZE: Final = (16384, 16384)


class ColorTheme(StrEnum):
    """Colours of the windows; the values are VirtualBox's."""

    AUTO = "Auto"
    LIGHT = "Light"
    DARK = "Dark"


class GuestLimit(StrEnum):
    """What limits the screen size that guests are told to choose; the values are VirtualBox's."""

    AUTOMATIC = "auto"
    NONE = "any"
    SIZE = ""


@dataclass(frozen=True)
class GuestScreenLimit:
    """Largest screen size of guests.

    Attributes:
        kind: automatic (the host's screen), none, or ``size``.
        size: width and height in pixels, when the kind says so.
    """

    kind: GuestLimit = GuestLimit.AUTOMATIC
    size: tuple[int, int] = (1024, 768)


@dataclass(frozen=True)
class InterfacePreferences:
    """The preferences of the user interface.

    Attributes:
        language: code such as ``de``; ``C`` is English, empty that of the session.
        theme: colours.
        scale_percent: size of everything in Vitrine's windows, 100 to 300, from the next start on.
        font_percent: size of texts, 100 to 200.
        guest_scale_percent: size of guest screens, 100 to 300; a machine may have its own.
        guest_limit: largest screen of guests that follow the size of their window.
        raise_hovered: a machine's window comes to the front when the pointer enters it.
        no_screen_saver: the host's screen saver rests while a machine runs.
        auto_capture: the keyboard is captured together with the focus.
        host_keys: the host key combination; none switches it off.
        manager_shortcuts, machine_shortcuts: changed shortcuts by name of the action.
    """

    language: str = ""
    theme: ColorTheme = ColorTheme.AUTO
    scale_percent: int = LEAST_PERCENT
    font_percent: int = LEAST_PERCENT
    guest_scale_percent: int = LEAST_PERCENT
    guest_limit: GuestScreenLimit = GuestScreenLimit()
    raise_hovered: bool = False
    no_screen_saver: bool = False
    auto_capture: bool = True
    host_keys: frozenset[ModifierKey] = DEFAULT_HOST_KEYS
    manager_shortcuts: Mapping[str, str] = field(default_factory=dict)
    machine_shortcuts: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_extra_data(cls, data: Mapping[str, str]) -> InterfacePreferences:
        """Return what DATA say; a value that cannot be understood is the default."""
        return cls(
            language=data.get(LANGUAGE, ""),
            theme=_theme(data.get(COLOR_THEME, "")),
            scale_percent=_scale(data.get(SCALE_FACTOR, "")),
            font_percent=_percent(data.get(FONT_SCALE_FACTOR, ""), MOST_PERCENT),
            guest_scale_percent=_scale(data.get(GUEST_SCALE_FACTOR, "")),
            guest_limit=_guest_limit(data.get(MAX_GUEST_RESOLUTION, "")),
            raise_hovered=data.get(RAISE_HOVERED) == "true",
            no_screen_saver=data.get(NO_SCREEN_SAVER) == "true",
            auto_capture=data.get(AUTO_CAPTURE) != "false",
            host_keys=parse_host_keys(data.get(HOST_KEYS, "")),
            manager_shortcuts=parse_shortcuts(data.get(MANAGER_SHORTCUTS, "")),
            machine_shortcuts=parse_shortcuts(data.get(MACHINE_SHORTCUTS, "")),
        )

    def to_extra_data(self) -> dict[str, str]:
        """Return a value for every key; empty for what is the default."""
        limit = self.guest_limit
        size = "{},{}".format(*limit.size)
        return {
            LANGUAGE: self.language,
            COLOR_THEME: "" if self.theme is ColorTheme.AUTO else self.theme.value,
            SCALE_FACTOR: _unless_default(f"{self.scale_percent / 100:g}", "1"),
            FONT_SCALE_FACTOR: _unless_default(str(self.font_percent), str(LEAST_PERCENT)),
            GUEST_SCALE_FACTOR: _unless_default(f"{self.guest_scale_percent / 100:g}", "1"),
            MAX_GUEST_RESOLUTION: _unless_default(limit.kind.value or size, GuestLimit.AUTOMATIC),
            RAISE_HOVERED: "true" if self.raise_hovered else "",
            NO_SCREEN_SAVER: "true" if self.no_screen_saver else "",
            AUTO_CAPTURE: "" if self.auto_capture else "false",
            HOST_KEYS: format_host_keys(self.host_keys),
            MANAGER_SHORTCUTS: format_shortcuts(self.manager_shortcuts),
            MACHINE_SHORTCUTS: format_shortcuts(self.machine_shortcuts),
        }


def _unless_default(text: str, default: str) -> str:
    return "" if text == default else text


def _theme(text: str) -> ColorTheme:
    return ColorTheme(text) if text in list(ColorTheme) else ColorTheme.AUTO


def _percent(text: str, most: int) -> int:
    return min(max(int(text), LEAST_PERCENT), most) if text.isdecimal() else LEAST_PERCENT


def _scale(text: str) -> int:
    """Return per cent; VirtualBox lists a factor for each screen, of which the first counts."""
    try:
        factor = float(text.split(",", maxsplit=1)[0])
    except ValueError:
        return LEAST_PERCENT
    if not 0 < factor < MOST_SCALE_PERCENT:
        return LEAST_PERCENT
    return min(max(round(factor * 100), LEAST_PERCENT), MOST_SCALE_PERCENT)


def _guest_limit(text: str) -> GuestScreenLimit:
    if text == GuestLimit.NONE:
        return GuestScreenLimit(GuestLimit.NONE)
    words = text.split(",")
    if len(words) == 2 and all(word.isdecimal() for word in words):
        width, height = (int(word) for word in words)
        if width >= LEAST_GUEST_SIZE[0] and height >= LEAST_GUEST_SIZE[1]:
            return GuestScreenLimit(GuestLimit.SIZE, (width, height))
    return GuestScreenLimit()
