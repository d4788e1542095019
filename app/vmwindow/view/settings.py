"""What a machine's extra data say about its window: view mode, places, bars, lamps.

Keys and values are VirtualBox's.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from app.common.runtime_menus import MENUS_KEY, RUNTIME_MENUS, with_hidden
from app.vmwindow.view.place import WindowPlace

if TYPE_CHECKING:
    from app.vmwindow.preferences import Preferences


class ViewMode(StrEnum):
    """How the window shows the guest."""

    NORMAL = "Normal"
    """A window with menu bar and status bar."""
    SCALED = "Scale"
    """A window with nothing but the picture, stretched to its size."""
    FULLSCREEN = "Fullscreen"
    """A whole monitor."""


_MODE_KEYS: Final = {
    ViewMode.FULLSCREEN: "GUI/Fullscreen",
    ViewMode.SCALED: "GUI/Scale",
}
_PLACE_KEYS: Final = {
    ViewMode.NORMAL: "GUI/LastNormalWindowPosition",
    ViewMode.SCALED: "GUI/LastScaleWindowPosition",
}
_HOST_SCREEN: Final = "GUI/VirtualScreenToHostScreen"
_SCALE_FACTOR: Final = "GUI/ScaleFactor"
_AUTORESIZE: Final = "GUI/AutoresizeGuest"
_MINI_SHOWN: Final = "GUI/ShowMiniToolBar"
_MINI_ALIGNMENT: Final = "GUI/MiniToolBarAlignment"
_MINI_HIDES: Final = "GUI/MiniToolBarAutoHide"
_MENU_BAR: Final = "GUI/MenuBar/Enabled"
_STATUS_BAR: Final = "GUI/StatusBar/Enabled"
_INDICATOR_ORDER: Final = "GUI/StatusBar/IndicatorOrder"
_INDICATORS_HIDDEN: Final = "GUI/RestrictedStatusBarIndicators"

MIN_SCALE: Final = 1.0
MAX_SCALE: Final = 3.0
_ON: Final = frozenset({"true", "yes", "on", "1"})
_OFF: Final = frozenset({"false", "no", "off", "0"})


class ViewSettings:
    """Typed view of the preferences that concern the window itself.

    Args:
        preferences: of the machine.
        usual_scale: scale factor of machines without one of their own.
    """

    def __init__(self, preferences: Preferences, usual_scale: float = MIN_SCALE) -> None:
        self._preferences = preferences
        self._usual_scale = usual_scale

    # ------------------------------------------------------------------ mode and places

    @property
    def mode(self) -> ViewMode:
        """The view mode in which the machine was shown last."""
        for mode, key in _MODE_KEYS.items():
            if self._switch(key, default=False):
                return mode
        return ViewMode.NORMAL

    @mode.setter
    def mode(self, mode: ViewMode) -> None:
        for other, key in _MODE_KEYS.items():
            self._preferences.put(key, "true" if other is mode else "")

    def place(self, mode: ViewMode) -> WindowPlace | None:
        """Return where the window stood in a mode; None when it is not known."""
        key = _PLACE_KEYS.get(mode)
        return WindowPlace.parse(self._preferences.text(key)) if key is not None else None

    def set_place(self, mode: ViewMode, place: WindowPlace) -> None:
        """Remember where the window stands; full screen has no place of its own."""
        key = _PLACE_KEYS.get(mode)
        if key is not None:
            self._preferences.put(key, place.format())

    @property
    def host_screen(self) -> int | None:
        """Number of the monitor for full screen; None: that of the window."""
        text = self._preferences.text(_HOST_SCREEN + "0")
        return int(text) if text.isascii() and text.isdigit() else None

    @host_screen.setter
    def host_screen(self, number: int | None) -> None:
        self._preferences.put(_HOST_SCREEN + "0", "" if number is None else str(number))

    @property
    def scale_factor(self) -> float:
        """How much larger the picture is shown in a window, 1.0 to 3.0."""
        try:
            factor = float(self._preferences.text(_SCALE_FACTOR).split(",")[0])
        except ValueError:
            return self._usual_scale
        return min(factor, MAX_SCALE) if factor > MIN_SCALE else MIN_SCALE  # NaN too

    @scale_factor.setter
    def scale_factor(self, factor: float) -> None:
        self._preferences.put(_SCALE_FACTOR, "" if factor == self._usual_scale else f"{factor:g}")

    # ------------------------------------------------------------------ switches

    @property
    def auto_resize(self) -> bool:
        """The guest's screen follows the size of the window."""
        return self._switch(_AUTORESIZE, default=True)

    @auto_resize.setter
    def auto_resize(self, enabled: bool) -> None:
        self._preferences.put(_AUTORESIZE, "" if enabled else "off")

    @property
    def mini_tool_bar(self) -> bool:
        """Full screen has a mini tool bar."""
        return self._switch(_MINI_SHOWN, default=True)

    @mini_tool_bar.setter
    def mini_tool_bar(self, shown: bool) -> None:
        self._preferences.put(_MINI_SHOWN, "" if shown else "false")

    @property
    def mini_tool_bar_at_top(self) -> bool:
        """The mini tool bar is at the upper edge, else at the lower one."""
        return self._preferences.text(_MINI_ALIGNMENT).lower() == "top"

    @mini_tool_bar_at_top.setter
    def mini_tool_bar_at_top(self, top: bool) -> None:
        self._preferences.put(_MINI_ALIGNMENT, "Top" if top else "")

    @property
    def mini_tool_bar_hides(self) -> bool:
        """The mini tool bar hides while the pointer is elsewhere."""
        return self._switch(_MINI_HIDES, default=True)

    @mini_tool_bar_hides.setter
    def mini_tool_bar_hides(self, hides: bool) -> None:
        self._preferences.put(_MINI_HIDES, "" if hides else "false")

    @property
    def menu_bar(self) -> bool:
        """The window has a menu bar."""
        return self._switch(_MENU_BAR, default=True)

    @menu_bar.setter
    def menu_bar(self, shown: bool) -> None:
        self._preferences.put(_MENU_BAR, "" if shown else "false")

    @property
    def status_bar(self) -> bool:
        """The window has a status bar."""
        return self._switch(_STATUS_BAR, default=True)

    @status_bar.setter
    def status_bar(self, shown: bool) -> None:
        self._preferences.put(_STATUS_BAR, "" if shown else "false")

    # ------------------------------------------------------------------ lists

    @property
    def indicator_order(self) -> list[str]:
        """Names of indicators in the order that somebody chose; empty: the usual one."""
        return self._words(_INDICATOR_ORDER)

    @indicator_order.setter
    def indicator_order(self, names: Iterable[str]) -> None:
        self._preferences.put(_INDICATOR_ORDER, ",".join(names))

    @property
    def hidden_indicators(self) -> list[str]:
        """Names of indicators that nobody wants to see."""
        return self._words(_INDICATORS_HIDDEN)

    @hidden_indicators.setter
    def hidden_indicators(self, names: Iterable[str]) -> None:
        self._preferences.put(_INDICATORS_HIDDEN, ",".join(names))

    @property
    def hidden_menus(self) -> list[str]:
        """Names of menus that the menu bar leaves out."""
        return self._words(MENUS_KEY)

    @hidden_menus.setter
    def hidden_menus(self, names: Iterable[str]) -> None:
        before = self._preferences.text(MENUS_KEY)
        known = [menu.name for menu in RUNTIME_MENUS]
        self._preferences.put(MENUS_KEY, with_hidden(before, known, names))

    def _words(self, key: str) -> list[str]:
        return [word for word in self._preferences.text(key).split(",") if word]

    def _switch(self, key: str, *, default: bool) -> bool:
        word = self._preferences.text(key).lower()
        return word not in _OFF if default else word in _ON
