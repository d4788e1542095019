"""Kinds of drives, apart from :mod:`app.settings.enums` because every client imports them."""

from enum import StrEnum


class DeviceType(StrEnum):
    """Kind of an attached drive (``AttachedDevice/@type``)."""

    HARD_DISK = "HardDisk"
    DVD = "DVD"
    FLOPPY = "Floppy"
