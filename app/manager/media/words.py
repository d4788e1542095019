"""What is said about media: kinds, types, allocation, who uses them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from app.api.structs import DeviceType, MediumInfo, MediumState, MediumVariant
from app.manager.widgets.byte_sizes import format_size
from app.settings.enums import MediumType

ICONS: Final[Mapping[DeviceType, str]] = {
    DeviceType.HARD_DISK: "hard-disk",
    DeviceType.DVD: "optical",
    DeviceType.FLOPPY: "floppy",
}
TAB_TITLES: Final[Mapping[DeviceType, str]] = {
    DeviceType.HARD_DISK: str(QT_TRANSLATE_NOOP("Media", "Hard Dis&ks")),
    DeviceType.DVD: str(QT_TRANSLATE_NOOP("Media", "&Optical Disks")),
    DeviceType.FLOPPY: str(QT_TRANSLATE_NOOP("Media", "Flo&ppy Disks")),
}
ADD_TITLES: Final[Mapping[DeviceType, str]] = {
    DeviceType.HARD_DISK: str(QT_TRANSLATE_NOOP("Media", "Add a Hard Disk")),
    DeviceType.DVD: str(QT_TRANSLATE_NOOP("Media", "Add an Optical Disk")),
    DeviceType.FLOPPY: str(QT_TRANSLATE_NOOP("Media", "Add a Floppy Disk")),
}
CHOOSE_TITLES: Final[Mapping[DeviceType, str]] = {
    DeviceType.HARD_DISK: str(QT_TRANSLATE_NOOP("Media", "Choose a Hard Disk")),
    DeviceType.DVD: str(QT_TRANSLATE_NOOP("Media", "Choose an Optical Disk")),
    DeviceType.FLOPPY: str(QT_TRANSLATE_NOOP("Media", "Choose a Floppy Disk")),
}
EMPTY_TEXTS: Final[Mapping[DeviceType, str]] = {
    DeviceType.HARD_DISK: str(
        QT_TRANSLATE_NOOP(
            "Media",
            "No hard disk is known yet. Create makes a new one, Add takes over an image file that "
            "exists.",
        )
    ),
    DeviceType.DVD: str(
        QT_TRANSLATE_NOOP(
            "Media", "No optical disk is known yet. Add takes over an image file (.iso)."
        )
    ),
    DeviceType.FLOPPY: str(
        QT_TRANSLATE_NOOP(
            "Media",
            "No floppy disk is known yet. Create makes a new one, Add takes over an image file "
            "that exists.",
        )
    ),
}
MEDIUM_TYPES: Final[Mapping[str, str]] = {
    MediumType.NORMAL: str(QT_TRANSLATE_NOOP("Media", "Normal")),
    MediumType.IMMUTABLE: str(QT_TRANSLATE_NOOP("Media", "Immutable")),
    MediumType.WRITETHROUGH: str(QT_TRANSLATE_NOOP("Media", "Writethrough")),
    MediumType.SHAREABLE: str(QT_TRANSLATE_NOOP("Media", "Shareable")),
    MediumType.READONLY: str(QT_TRANSLATE_NOOP("Media", "Read-only")),
    MediumType.MULTI_ATTACH: str(QT_TRANSLATE_NOOP("Media", "Multi-attach")),
}
TYPE_HELP: Final[Mapping[str, str]] = {
    MediumType.NORMAL: str(
        QT_TRANSLATE_NOOP("Media", "A snapshot keeps its contents; the usual type.")
    ),
    MediumType.IMMUTABLE: str(
        QT_TRANSLATE_NOOP("Media", "Changes are dropped whenever the machine starts.")
    ),
    MediumType.WRITETHROUGH: str(
        QT_TRANSLATE_NOOP("Media", "Snapshots leave it out: restoring one does not touch it.")
    ),
    MediumType.SHAREABLE: str(
        QT_TRANSLATE_NOOP(
            "Media", "Several running machines may write to it; it must be of fixed size."
        )
    ),
    MediumType.MULTI_ATTACH: str(
        QT_TRANSLATE_NOOP(
            "Media", "Several machines may use it; each keeps its changes to itself."
        )
    ),
}


def translated(source: str) -> str:
    """Return SOURCE, one of this module's texts, in the language of the user interface."""
    return QCoreApplication.translate("Media", source)


def file_name(medium: MediumInfo) -> str:
    """Return the name of the image file, by which people know a medium."""
    return medium.path.replace("\\", "/").rsplit("/", 1)[-1] or medium.id


def type_text(medium: MediumInfo) -> str:
    """Return the type of MEDIUM; a differencing image has none of its own."""
    if medium.parent_id:
        return translated(str(QT_TRANSLATE_NOOP("Media", "Differencing")))
    return translated(MEDIUM_TYPES.get(medium.type, medium.type))


def details_text(medium: MediumInfo) -> str:
    """Return how the room of MEDIUM is allocated."""
    return translated(
        {
            MediumVariant.STANDARD: str(
                QT_TRANSLATE_NOOP("Media", "Dynamically allocated storage")
            ),
            MediumVariant.FIXED: str(QT_TRANSLATE_NOOP("Media", "Fixed size storage")),
            MediumVariant.SPLIT_2G: str(
                QT_TRANSLATE_NOOP("Media", "Dynamically allocated storage split into files of 2 GB")
            ),
            MediumVariant.FIXED_SPLIT_2G: str(
                QT_TRANSLATE_NOOP("Media", "Fixed size storage split into files of 2 GB")
            ),
            MediumVariant.STREAM: str(
                QT_TRANSLATE_NOOP("Media", "Dynamically allocated compressed storage")
            ),
            MediumVariant.DIFF: str(
                QT_TRANSLATE_NOOP("Media", "Dynamically allocated differencing storage")
            ),
        }[medium.variant]
    )


def size_texts(medium: MediumInfo) -> tuple[str, str]:
    """Return virtual and actual size; dashes where an inaccessible image tells neither."""
    if medium.state is MediumState.INACCESSIBLE:
        return "--", "--"
    return format_size(medium.logical_size), format_size(medium.actual_size)


def uses_text(medium: MediumInfo) -> str:
    """Return the machines that use MEDIUM, with the snapshots in which they do."""
    if not medium.uses:
        return translated(str(QT_TRANSLATE_NOOP("Media", "Not attached")))
    parts = []
    for use in medium.uses:
        names = ", ".join(name for _id, name in use.snapshots)
        parts.append(f"{use.machine_name} ({names})" if names else use.machine_name)
    return ", ".join(parts)


def tool_tip(medium: MediumInfo) -> str:
    """Return what a person reads over MEDIUM in a list."""
    lines = [
        medium.path,
        f"{type_text(medium)} ({medium.format})",
        QCoreApplication.translate("Media", "Attached to: {names}").format(
            names=uses_text(medium)
        ),
    ]
    if medium.access_error:
        lines.append(medium.access_error)
    return "\n".join(lines)


def names_text(media: Sequence[MediumInfo], limit: int = 12) -> str:
    """Return the paths of MEDIA, one a line; those beyond LIMIT are only counted."""
    lines = [medium.path for medium in media[:limit]]
    if len(media) > limit:
        more = QCoreApplication.translate("Media", "… and {count} more")
        lines.append(more.format(count=len(media) - limit))
    return "\n".join(lines)
