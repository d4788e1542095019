"""What the New Virtual Machine wizard collects."""

from dataclasses import dataclass, field
from enum import Enum

from app.api.structs import OsType


class DiskChoice(Enum):
    """What becomes of the first hard disk."""

    CREATE = "create"
    EXISTING = "existing"
    NONE = "none"


@dataclass
class MachineDraft:
    """A machine that does not exist yet.

    Attributes:
        name: name of the machine.
        base_folder: folder that gets the machine's folder.
        settings_path: path of the settings file, as the service composed it.
        iso_path: optical image for the first boot, or empty.
        os_type: guest operating system type.
        memory_mb: base memory in MB.
        cpu_count: number of processors.
        efi: the firmware is EFI instead of BIOS.
        disk: what becomes of the hard disk.
        disk_bytes: size of a new disk in bytes.
        disk_fixed: allocate all of a new disk at once.
        disk_format: format of a new disk.
        disk_suffix: ending of its file with the dot.
        disk_file: file of a new disk; empty: beside the settings file and with its name.
        disk_path: existing image to use.
    """

    name: str = ""
    base_folder: str = ""
    settings_path: str = ""
    iso_path: str = ""
    os_type: OsType = field(
        default_factory=lambda: OsType(
            id="Other", description="Other/Unknown", family_id="Other", family_description="Other"
        )
    )
    memory_mb: int = 64
    cpu_count: int = 1
    efi: bool = False
    disk: DiskChoice = DiskChoice.CREATE
    disk_bytes: int = 2 << 30
    disk_fixed: bool = False
    disk_format: str = "VDI"
    disk_suffix: str = ".vdi"
    disk_file: str = ""
    disk_path: str = ""

    @property
    def suggested_disk_path(self) -> str:
        """Path beside the settings file and with its name; empty before that is known."""
        stem = self.settings_path.removesuffix(".vbox")
        return f"{stem}{self.disk_suffix}" if stem else ""

    @property
    def new_disk_path(self) -> str:
        """Path of the disk to create."""
        return self.disk_file or self.suggested_disk_path
