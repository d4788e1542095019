"""Light and dark: the palettes, the style and the icons that go with them, switched while shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from app.common.icons import use_icon_theme
from app.common.preferences import ColorTheme

_Role = QPalette.ColorRole
_STYLE: Final = "Fusion"

LIGHT: Final[Mapping[QPalette.ColorRole, str]] = {
    _Role.Window: "#f2f3f5",
    _Role.WindowText: "#1d2229",
    _Role.Base: "#ffffff",
    _Role.AlternateBase: "#f0f3f7",
    _Role.Text: "#1d2229",
    _Role.PlaceholderText: "#6a7380",
    _Role.Button: "#eceef1",
    _Role.ButtonText: "#1d2229",
    _Role.BrightText: "#ffffff",
    _Role.Light: "#ffffff",
    _Role.Midlight: "#e3e6ea",
    _Role.Mid: "#b4bac3",
    _Role.Dark: "#9aa2ad",
    _Role.Shadow: "#5f6772",
    _Role.Highlight: "#2b6cc4",
    _Role.HighlightedText: "#ffffff",
    _Role.Accent: "#2b6cc4",
    _Role.Link: "#1a5fb4",
    _Role.LinkVisited: "#7b3fa6",
    _Role.ToolTipBase: "#fffbe6",
    _Role.ToolTipText: "#1d2229",
}
DARK: Final[Mapping[QPalette.ColorRole, str]] = {
    _Role.Window: "#34373d",
    _Role.WindowText: "#e6e9ed",
    _Role.Base: "#1e2024",
    _Role.AlternateBase: "#25282d",
    _Role.Text: "#e6e9ed",
    _Role.PlaceholderText: "#949ca7",
    # Fusion draws buttons and the panes of tabs lighter than this.
    _Role.Button: "#373b42",
    _Role.ButtonText: "#e6e9ed",
    _Role.BrightText: "#ffffff",
    _Role.Light: "#626872",
    _Role.Midlight: "#50555e",
    _Role.Mid: "#1f2226",
    _Role.Dark: "#17191c",
    _Role.Shadow: "#0d0e10",
    _Role.Highlight: "#2f72c9",
    _Role.HighlightedText: "#ffffff",
    _Role.Accent: "#4a90e2",
    _Role.Link: "#6fb1f5",
    _Role.LinkVisited: "#c79be8",
    _Role.ToolTipBase: "#454a52",
    _Role.ToolTipText: "#e6e9ed",
}
_DISABLED: Final = {
    ColorTheme.LIGHT: {"text": "#8a929c", "highlight": "#b9c0c9"},
    ColorTheme.DARK: {"text": "#868d97", "highlight": "#4a4f57"},
}


def palette_of(theme: ColorTheme) -> QPalette:
    """Return the complete palette of LIGHT or DARK, with the disabled look."""
    colours = DARK if theme is ColorTheme.DARK else LIGHT
    palette = QPalette()
    for role, colour in colours.items():
        palette.setColor(role, QColor(colour))
    faint = _DISABLED[ColorTheme.DARK if theme is ColorTheme.DARK else ColorTheme.LIGHT]
    disabled = QPalette.ColorGroup.Disabled
    for role in (
        _Role.WindowText, _Role.Text, _Role.ButtonText, _Role.PlaceholderText, _Role.ToolTipText,
        _Role.Link,
    ):  # fmt: skip
        palette.setColor(disabled, role, QColor(faint["text"]))
    for role in (_Role.Highlight, _Role.Accent):
        palette.setColor(disabled, role, QColor(faint["highlight"]))
    return palette


def is_dark(palette: QPalette) -> bool:
    """Tell whether windows of PALETTE are dark."""
    text, window = palette.color(_Role.WindowText), palette.color(_Role.Window)
    return text.lightness() > window.lightness()


class ThemeSwitch(QObject):
    """Shows the program in a theme, and follows the desktop while it is to be the desktop's.

    Args:
        application: owns the switch.
    """

    def __init__(self, application: QApplication) -> None:
        super().__init__(application)
        self._application = application
        self._native_style = application.style().name()
        self._theme = ColorTheme.AUTO
        application.paletteChanged.connect(self._on_palette_changed)
        self._on_palette_changed()

    @property
    def theme(self) -> ColorTheme:
        """The theme shown."""
        return self._theme

    def show(self, theme: ColorTheme) -> None:
        """Show THEME in all windows at once."""
        if theme is self._theme:
            return
        self._theme = theme
        hints = QGuiApplication.styleHints()
        if theme is ColorTheme.AUTO:
            hints.unsetColorScheme()
            self._application.setStyle(self._native_style)
            # An empty palette is the request for that of the desktop.
            self._application.setPalette(QPalette())
        else:
            dark = theme is ColorTheme.DARK
            # Window frames are drawn by the desktop, which is told; where it has no dark ones, or
            # a style ignores palettes, Fusion with a palette of our own is the same everywhere.
            hints.setColorScheme(Qt.ColorScheme.Dark if dark else Qt.ColorScheme.Light)
            self._application.setStyle(_STYLE)
            self._application.setPalette(palette_of(theme))

    @Slot()
    def _on_palette_changed(self) -> None:
        use_icon_theme(dark=is_dark(self._application.palette()))
