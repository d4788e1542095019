import pytest
from PySide6.QtGui import QFont, QIcon, QPalette
from PySide6.QtWidgets import QApplication, QLabel

from app.common.application import Look
from app.common.preferences import ColorTheme, InterfacePreferences
from app.common.theme import is_dark, palette_of

THEMES = (ColorTheme.LIGHT, ColorTheme.DARK)
READABLE = [
    (QPalette.ColorRole.WindowText, QPalette.ColorRole.Window),
    (QPalette.ColorRole.Text, QPalette.ColorRole.Base),
    (QPalette.ColorRole.Text, QPalette.ColorRole.AlternateBase),
    (QPalette.ColorRole.ButtonText, QPalette.ColorRole.Button),
    (QPalette.ColorRole.HighlightedText, QPalette.ColorRole.Highlight),
    (QPalette.ColorRole.ToolTipText, QPalette.ColorRole.ToolTipBase),
    (QPalette.ColorRole.Link, QPalette.ColorRole.Base),
    (QPalette.ColorRole.LinkVisited, QPalette.ColorRole.Base),
    (QPalette.ColorRole.PlaceholderText, QPalette.ColorRole.Base),
]


def luminance(colour):
    """Relative luminance as WCAG 2.1 defines it."""
    parts = [
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in (colour.redF(), colour.greenF(), colour.blueF())
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(first, second):
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("text", "ground"), READABLE, ids=lambda role: role.name)
def test_texts_can_be_read(theme, text, ground):
    palette = palette_of(theme)
    assert contrast(palette.color(text), palette.color(ground)) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_palettes_are_complete(theme):
    palette = palette_of(theme)
    for role in QPalette.ColorRole:
        if role not in (QPalette.ColorRole.NoRole, QPalette.ColorRole.NColorRoles):
            assert palette.isBrushSet(QPalette.ColorGroup.Active, role), role
    faint = palette.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Text)
    assert faint != palette.color(QPalette.ColorRole.Text)


@pytest.fixture
def look(qapp):
    font, palette, style = QFont(qapp.font()), QPalette(qapp.palette()), qapp.style().name()
    look = Look(qapp)
    yield look
    look.show(InterfacePreferences(language="C"))
    qapp.setStyle(style)
    qapp.setPalette(palette)
    QApplication.setFont(font)
    look.theme.deleteLater()
    look.deleteLater()


def test_theme_is_switched_while_windows_are_shown(look, qtbot):
    label = QLabel("text")
    qtbot.addWidget(label)
    label.show()
    look.show(InterfacePreferences(theme=ColorTheme.DARK))
    qtbot.waitUntil(lambda: is_dark(label.palette()))
    assert QIcon.themeName() == "vitrine-dark"
    look.show(InterfacePreferences(theme=ColorTheme.LIGHT))
    qtbot.waitUntil(lambda: not is_dark(label.palette()))
    assert QIcon.themeName() == "vitrine-light"
    look.show(InterfacePreferences(theme=ColorTheme.DARK))
    look.show(InterfacePreferences(theme=ColorTheme.AUTO))
    assert look.theme.theme is ColorTheme.AUTO
    shown = palette_of(ColorTheme.DARK).window().color()
    qtbot.waitUntil(lambda: label.palette().window().color() != shown)
    assert is_dark(label.palette()) == (QIcon.themeName() == "vitrine-dark")


def test_texts_grow_and_shrink_back(look, qtbot):
    label = QLabel("text")
    qtbot.addWidget(label)
    usual = label.font().pointSizeF()
    look.show(InterfacePreferences(font_percent=150))
    qtbot.waitUntil(lambda: label.font().pointSizeF() == pytest.approx(usual * 1.5))
    look.show(InterfacePreferences(font_percent=100))
    qtbot.waitUntil(lambda: label.font().pointSizeF() == pytest.approx(usual))


def test_another_language_is_told_once(look, qtbot):
    with qtbot.waitSignal(look.language_changed, timeout=100):
        look.show(InterfacePreferences(language="de"))
    with qtbot.assertNotEmitted(look.language_changed):
        look.show(InterfacePreferences(language="de"))
