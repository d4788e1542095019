"""Machines with hard disks, and what a guest would read on these."""

from __future__ import annotations

from pathlib import Path

from app.api import Client
from app.settings.media import attach_medium, disk_chain
from app.settings.model import MachineSettings
from app.settings.storage import HardDisk
from engine.storage.chain import DiskChain, ImageFile
from engine.storage.create import create_medium

MIB = 1 << 20
SIZE = 4 * MIB


def add_disk(client: Client, machine_id: str, name: str = "disk.vdi", device: int = 0) -> Path:
    """Give a machine a new hard disk in its folder."""
    info = client.virtualbox.find_machine(machine_id)
    path = Path(info.settings_path).parent / name
    variant = "Standard"
    made = create_medium(path, format_name="VDI", variant=variant, size=SIZE)
    settings = client.machine(machine_id).get_settings()
    controller = settings.hardware.storage_controllers[0].name
    disk = HardDisk(uuid=made.id, location=name, format="VDI")
    attach_medium(settings, controller, 0, device, "HardDisk", disk)
    client.machine(machine_id).save_settings(settings)
    return path


def images_of(settings: MachineSettings, folder: Path, medium: str) -> list[ImageFile]:
    """The images of a disk, the base first."""
    return [
        ImageFile(folder / disk.location, disk.format)
        for disk in disk_chain(settings.media, medium)
    ]


def medium_of(hardware: object, device: int = 0) -> str:
    """UUID of what is in the first controller's drive."""
    controller = hardware.storage_controllers[0]  # type: ignore[attr-defined]
    return str(next(d.medium for d in controller.attachments if d.device == device and d.port == 0))


class Guest:
    """A machine that is off, and its disk as the guest would see it."""

    def __init__(self, client: Client, machine_id: str) -> None:
        self.client = client
        self.id = machine_id

    @property
    def settings(self) -> MachineSettings:
        return self.client.machine(self.id).get_settings()

    @property
    def folder(self) -> Path:
        return Path(self.client.virtualbox.find_machine(self.id).settings_path).parent

    def chain(self, medium: str = "", *, read_only: bool = True) -> DiskChain:
        settings = self.settings
        medium = medium or medium_of(settings.hardware)
        return DiskChain(images_of(settings, self.folder, medium), read_only=read_only)

    def write(self, offset: int, data: bytes) -> None:
        with self.chain(read_only=False) as chain:
            chain.write(offset, data)

    def read(self, medium: str = "") -> bytes:
        with self.chain(medium) as chain:
            return chain.read(0, chain.size)

    def read_snapshot(self, name: str) -> bytes:
        found = self.client.snapshots(self.id).find(name)
        return self.read(medium_of(found.hardware))

    def images(self) -> set[str]:
        """Names of the image files that there are."""
        return {path.name for path in self.folder.rglob("*.vdi")}
