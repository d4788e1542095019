"""The installation that the pictures of the manager show, made anew each time."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from app.api import connect
from app.api.client import Client
from app.api.structs import DeviceType, MachineInfo, MachineState
from app.manager.storage_edit import insert_medium
from app.settings.netservices import NatNetwork
from app.settings.network import PortForwarding

# The paths below it are seen in the pictures.
HOME: Final = Path(tempfile.gettempdir()) / "vitrine"
MACHINES: Final = HOME / "Machines"
IMAGES: Final = HOME / "Images"
_FOREIGN: Final = HOME / "VirtualBox"

_MB: Final = 1 << 20
_SECTOR: Final = 2048
_END_SECONDS: Final = 10.0
_GONE: Final = "6f1c1c3e-52b1-4b0c-9f0e-6d7e7b7c0a11"
_FOREIGN_REGISTRY: Final = """\
<?xml version="1.0"?>
<VirtualBox xmlns="http://www.virtualbox.org/" version="1.12-linux">
  <Global>
    <MachineRegistry>
{entries}
    </MachineRegistry>
  </Global>
</VirtualBox>
"""


@contextmanager
def arranged() -> Iterator[Client]:
    """Run a service with a few machines of every kind, and end it.

    The environment of this process leads to the installation from now on. Its folder is deleted
    before; afterwards it stays, to be looked at.
    """
    shutil.rmtree(HOME, ignore_errors=True)
    IMAGES.mkdir(parents=True)
    os.environ["VITRINE_USER_HOME"] = str(HOME / "config")
    os.environ["VBOX_USER_HOME"] = str(_FOREIGN)
    with connect(client_name="screenshots") as client:
        client.virtualbox.set_system_properties(default_machine_folder=str(MACHINES))
        _add_debian(client)
        _add_others(client)
        _add_networks(client)
        _add_loose_media(client)
        _write_foreign_registry(client)
        running = _start(client, "FreeDOS")
        try:
            yield client
        finally:
            _stop(client, running)


def _add_debian(client: Client) -> None:
    """The machine that most pictures are about: media, snapshots, folders, logs."""
    machine = client.virtualbox.create_machine("Debian 12", "Debian12_64")
    settings = client.machine(machine.id).get_settings()
    settings.description = "Builds the packages of the project every night."
    settings.groups = ["/Linux"]
    folder = _folder(machine)
    disk = client.virtualbox.create_medium(str(folder / "Debian 12.vdi"), 20 << 30)
    insert_medium(settings, str(folder), DeviceType.HARD_DISK, disk)
    image = _write_iso("debian-12.11.0-amd64-netinst.iso", "Debian 12.11.0 amd64 n")
    disc = client.virtualbox.open_medium(str(image), DeviceType.DVD)
    insert_medium(settings, str(folder), DeviceType.DVD, disc)
    adapter = settings.hardware.network_adapters[0]
    adapter.nat.forwardings = [PortForwarding(name="ssh", host_port=2222, guest_port=22)]
    client.machine(machine.id).save_settings(settings)
    snapshots = client.snapshots(machine.id)
    snapshots.take("Fresh installation", "Base system and ssh, nothing else.")
    snapshots.take("Build tools")
    snapshots.restore("Fresh installation")
    snapshots.take("With desktop")
    _write_logs(folder / "Logs")


def _add_others(client: Client) -> None:
    for name, os_type_id, group in (
        ("Fedora 40", "Fedora_64", "/Linux"),
        ("Windows 10", "Windows10_64", "/Windows"),
        ("Windows 98", "Windows98", "/Windows"),
        ("FreeDOS", "DOS", "/"),
    ):
        machine = client.virtualbox.create_machine(name, os_type_id)
        client.machine(machine.id).set_groups([group])
        machine = client.virtualbox.find_machine(machine.id)
        settings = client.machine(machine.id).get_settings()
        folder = _folder(machine)
        disk = client.virtualbox.create_medium(str(folder / f"{name}.vdi"), 512 * _MB)
        insert_medium(settings, str(folder), DeviceType.HARD_DISK, disk)
        client.machine(machine.id).save_settings(settings)
    broken = client.virtualbox.create_machine("Old laptop", "Linux26_64")
    Path(broken.settings_path).write_text("<VirtualBox><Machine")
    client.machine(broken.id).refresh()


def _add_networks(client: Client) -> None:
    client.nat_networks.create(
        NatNetwork(
            name="Laboratory",
            network="10.0.7.0/24",
            forwardings=[
                PortForwarding(
                    name="web", host_port=8080, guest_ip="10.0.7.15", guest_port=80
                )
            ],
        )
    )
    client.nat_networks.create(NatNetwork(name="Guests", network="10.0.9.0/24"))
    client.host.create_host_only_interface()


def _add_loose_media(client: Client) -> None:
    """Media that the installation knows and no machine has."""
    client.virtualbox.create_medium(str(IMAGES / "Archive.vmdk"), 64 * _MB, "VMDK", register=True)
    client.virtualbox.create_medium(
        str(IMAGES / "Drivers.img"), 1_474_560, "RAW", device_type=DeviceType.FLOPPY,
        register=True, formatted=True,
    )  # fmt: skip
    path = _write_iso("fedora-40-server.iso", "Fedora-S-dvd-x86_64-40")
    client.virtualbox.open_medium(str(path), DeviceType.DVD, register=True)
    gone = IMAGES / "Backup.vdi"
    client.virtualbox.create_medium(str(gone), 64 * _MB, register=True)
    gone.unlink()


def _write_foreign_registry(client: Client) -> None:
    """A VirtualBox with one machine that can be taken over and one that is gone."""
    machine = client.virtualbox.create_machine(
        "Mail server", "Debian12_64", str(_FOREIGN / "Machines"), register=False
    )
    gone = str(_FOREIGN / "Machines" / "Test" / "Test.vbox")
    known = {machine.id: machine.settings_path, _GONE: gone}
    entries = [
        f'      <MachineEntry uuid="{{{uuid}}}" src="{path}"/>' for uuid, path in known.items()
    ]
    text = _FOREIGN_REGISTRY.format(entries="\n".join(entries))
    (_FOREIGN / "VirtualBox.xml").write_text(text)


def _folder(machine: MachineInfo) -> Path:
    return Path(machine.settings_path).parent


def _write_iso(name: str, label: str) -> Path:
    """The least that is an ISO 9660 image: a primary volume descriptor and the terminator."""
    data = bytearray(64 * _MB // 16)
    first, last = 16 * _SECTOR, 17 * _SECTOR
    data[first : first + 7] = b"\x01CD001\x01"
    data[first + 40 : first + 72] = label.encode().ljust(32)
    data[last : last + 7] = b"\xffCD001\x01"
    path = IMAGES / name
    path.write_bytes(data)
    return path


def _write_logs(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    lines = ["00:00:00.000000 main     Vitrine 0.1.0 (Linux x86_64) log of the machine Debian 12"]
    lines += [
        f"00:00:{number // 10:02d}.{number % 10}40512 ahci     "
        f"SATA: port 0: read of {8 * number} sectors at LBA {4096 + 512 * number}"
        for number in range(1, 120)
    ]
    for name in ("VBox.log", "VBox.log.1", "VBox.log.2"):
        (folder / name).write_text("\n".join(lines) + "\n")


def _start(client: Client, name: str) -> str:
    """Start a machine without a window and return its id."""
    machine = client.virtualbox.find_machine(name)
    client.machine(machine.id).launch("headless")
    return machine.id


def _stop(client: Client, machine_id: str) -> None:
    client.console(machine_id).power_off()
    end = time.monotonic() + _END_SECONDS
    while client.virtualbox.find_machine(machine_id).state is not MachineState.POWERED_OFF:
        if time.monotonic() > end:
            raise TimeoutError(f"The machine {machine_id} has not ended.")
        time.sleep(0.1)
