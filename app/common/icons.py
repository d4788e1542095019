"""Our own SVG icons, looked up by name and kept.

They form two icon themes of Qt's: one for light windows and one for dark windows, which has
variants of the drawings that would get lost there (``make icons``) and takes the others from the
first. Qt looks an icon up again when the theme changes, so what shows icons changes with it. Its
SVG engine renders them at the size and device pixel ratio in use and derives the disabled look.
"""

from functools import cache
from pathlib import Path

from PySide6.QtCore import QSize
from PySide6.QtGui import QIcon, QPixmap

_RESOURCES = Path(__file__).resolve().parents[2] / "resources"
ICON_FOLDER = _RESOURCES / "icons"
_THEMES = _RESOURCES / "icon-themes"
_LIGHT_THEME = "vitrine-light"
_DARK_THEME = "vitrine-dark"

# The first matching prefix of a guest OS type id decides; ids are VirtualBox's.
_OS_ICONS = (
    ("Windows", "os-windows"),
    ("Debian", "os-debian"),
    ("Ubuntu", "os-ubuntu"),
    ("Xubuntu", "os-ubuntu"),
    ("Lubuntu", "os-ubuntu"),
    ("Fedora", "os-fedora"),
    ("RedHat", "os-redhat"),
    ("Oracle", "os-redhat"),
    ("Arch", "os-arch"),
    ("OpenSUSE", "os-opensuse"),
    ("SUSE", "os-opensuse"),
    ("Gentoo", "os-gentoo"),
    ("FreeBSD", "os-bsd"),
    ("OpenBSD", "os-bsd"),
    ("NetBSD", "os-bsd"),
    ("Solaris", "os-solaris"),
    ("OpenSolaris", "os-solaris"),
    ("MacOS", "os-macos"),
    ("DOS", "os-dos"),
    ("OS2", "os-os2"),
)
_LINUX_PREFIXES = (
    "Linux",
    "Mandriva",
    "OpenMandriva",
    "PCLinuxOS",
    "Mageia",
    "Turbolinux",
    "Xandros",
)


class IconNotFoundError(LookupError):
    """An icon name has no drawing in resources/icons."""


def use_icon_theme(*, dark: bool) -> None:
    """Show the icons for dark or for light windows from now on; icons in use change too."""
    current = QIcon.themeName()
    if current not in (_LIGHT_THEME, _DARK_THEME):
        # The desktop's theme goes on to serve what dialogs of Qt's own show.
        QIcon.setFallbackThemeName(current)
        QIcon.setThemeSearchPaths([str(_THEMES), *QIcon.themeSearchPaths()])
    QIcon.setThemeName(_DARK_THEME if dark else _LIGHT_THEME)


@cache
def icon(name: str) -> QIcon:
    """Return the icon NAME (file name without ``.svg``).

    Raises:
        IconNotFoundError: there is no such drawing.
    """
    path = ICON_FOLDER / f"{name}.svg"
    if not path.is_file():
        raise IconNotFoundError(f"There is no icon {name!r} in {ICON_FOLDER}.")
    if QIcon.themeName() not in (_LIGHT_THEME, _DARK_THEME):
        use_icon_theme(dark=False)
    return QIcon.fromTheme(name)


def picture(name: str, size: int, device_pixel_ratio: float) -> QPixmap:
    """Return the drawing NAME as a pixmap of SIZE device-independent pixels, for labels."""
    return icon(name).pixmap(QSize(size, size), device_pixel_ratio)


def os_icon(os_type_id: str) -> QIcon:
    """Return the icon of a guest OS type; unknown types get the question mark."""
    for prefix, name in _OS_ICONS:
        if os_type_id.startswith(prefix):
            return icon(name)
    if os_type_id.startswith(_LINUX_PREFIXES):
        return icon("os-linux")
    return icon("os-other")
