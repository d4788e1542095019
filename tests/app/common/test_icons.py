"""Every icon that code names must exist and must be seen, on light and on dark windows."""

import ast
import re
from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon

from app.common.icons import ICON_FOLDER, icon, use_icon_theme
from app.common.preferences import ColorTheme
from app.common.theme import palette_of
from tools import dark_icons

APP = Path(__file__).resolve().parents[3] / "app"
SOURCES = [
    path for part in ("common", "manager", "vmwindow") for path in (APP / part).rglob("*.py")
]
SIZES = (16, 22, 32, 48)
NAMES = sorted(path.stem for path in ICON_FOLDER.glob("*.svg"))
NAMING_CALLS = {"icon", "picture", "set_icon", "_icon", "_button", "_tool_button", "Indicator"}
_WORD = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def named_icons(tree):
    """Yield what is passed as an icon's name: to calls that take one, and as icon_name=, icon=."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        function = node.func
        name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        arguments = [k.value for k in node.keywords if k.arg in ("icon", "icon_name")]
        if name in NAMING_CALLS:
            arguments += node.args[:1]
        for argument in arguments:
            for constant in ast.walk(argument):
                value = getattr(constant, "value", None)
                if isinstance(value, str) and _WORD.fullmatch(value):
                    yield value


def test_every_icon_that_code_names_exists():
    missing = {
        f"{path.relative_to(APP)}: {name}"
        for path in SOURCES
        for name in named_icons(ast.parse(path.read_text(encoding="utf-8")))
        if name not in NAMES
    }
    assert missing == set()


def test_actions_tools_and_states_have_icons(qapp):
    from app.manager.actions import ActionSet
    from app.manager.tool import all_tools

    names = {spec.icon_name for spec in ActionSet(qapp).specs()}
    names |= {tool.icon_name for tool in all_tools()}
    assert names - set(NAMES) - {""} == set()


def visibility(name, size, theme):
    """Return how much of the picture stands out from the window: the mean of the differences."""
    image = icon(name).pixmap(QSize(size, size), 1.0).toImage()
    window = palette_of(theme).window().color()
    total = 0.0
    for x in range(image.width()):
        for y in range(image.height()):
            pixel = QColor.fromRgba(image.pixel(x, y))
            part = pixel.alphaF()
            distance = max(
                abs(pixel.redF() - window.redF()),
                abs(pixel.greenF() - window.greenF()),
                abs(pixel.blueF() - window.blueF()),
            )
            total += part * distance
    assert (image.width(), image.height()) == (size, size)
    return total / (size * size)


@pytest.fixture
def icon_theme(qapp):
    yield lambda theme: use_icon_theme(dark=theme is ColorTheme.DARK)
    use_icon_theme(dark=False)


@pytest.mark.parametrize("theme", [ColorTheme.LIGHT, ColorTheme.DARK])
@pytest.mark.parametrize("size", SIZES)
def test_every_icon_is_seen(icon_theme, theme, size):
    icon_theme(theme)
    invisible = [name for name in NAMES if visibility(name, size, theme) < 0.02]
    assert invisible == []


def test_icons_in_use_change_with_the_theme(icon_theme):
    search = icon("search")
    icon_theme(ColorTheme.LIGHT)
    light = search.pixmap(QSize(32, 32), 1.0).toImage()
    icon_theme(ColorTheme.DARK)
    assert search.pixmap(QSize(32, 32), 1.0).toImage() != light
    assert QIcon.themeName() == "vitrine-dark"


def test_dark_variants_are_up_to_date():
    """`make icons` brings them up to date."""
    assert dark_icons.outdated() == []
