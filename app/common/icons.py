"""Our own SVG icons, looked up by name and kept.

The drawings use mid-tone colours that read on light and on dark palettes; Qt's SVG icon engine
renders them at the size and device pixel ratio in use and derives the disabled look itself.
"""

from functools import cache
from pathlib import Path

from PySide6.QtCore import QSize
from PySide6.QtGui import QIcon, QPixmap

ICON_FOLDER = Path(__file__).resolve().parents[2] / "resources" / "icons"

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


@cache
def icon(name: str) -> QIcon:
    """Return the icon NAME (file name without ``.svg``).

    Raises:
        IconNotFoundError: there is no such drawing.
    """
    path = ICON_FOLDER / f"{name}.svg"
    if not path.is_file():
        raise IconNotFoundError(f"There is no icon {name!r} in {ICON_FOLDER}.")
    return QIcon(str(path))


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
