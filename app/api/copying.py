"""Words of the API for cloning and removing machines, with the names of VirtualBox's Main."""

from __future__ import annotations

import enum


class CloneMode(enum.StrEnum):
    """Which states of a machine a clone gets: one, it and the snapshots after it, or all."""

    MACHINE_STATE = "MachineState"
    MACHINE_AND_CHILD_STATES = "MachineAndChildStates"
    ALL_STATES = "AllStates"


class CloneOption(enum.StrEnum):
    """What a clone shares with its source instead of getting something of its own."""

    LINK = "Link"
    KEEP_ALL_MACS = "KeepAllMACs"
    KEEP_NAT_MACS = "KeepNATMACs"
    KEEP_DISK_NAMES = "KeepDiskNames"
    KEEP_HW_UUIDS = "KeepHwUUIDs"


class CleanupMode(enum.StrEnum):
    """Which media go with a machine that is removed with its files.

    Media that another machine knows never do.
    """

    UNREGISTER_ONLY = "UnregisterOnly"
    """Hard disk images inside the machine's folder."""
    DETACH_ALL_RETURN_HARD_DISKS_ONLY = "DetachAllReturnHardDisksOnly"
    """Hard disk images of its media registry, wherever they are."""
    DETACH_ALL_RETURN_HARD_DISKS_AND_VM_REMOVABLE = "DetachAllReturnHardDisksAndVMRemovable"
    """Those, and optical and floppy images inside the machine's folder."""
