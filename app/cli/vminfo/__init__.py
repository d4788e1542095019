"""What ``showvminfo`` prints about a machine, for people and for scripts.

Each module prints one part, for both readers at once: a line names its key for scripts and its
caption for people (:mod:`app.cli.vminfo.writer`), so that the two forms cannot part ways.
The order of the keys, and which of them depend on what, is that of VirtualBox 7.1; scripts take
the lines apart with regular expressions that rely on it.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import msgspec

from app.settings.paths import resolve_location

if TYPE_CHECKING:
    from app.api.hoststructs import HostUsbDevice
    from app.api.structs import MachineInfo, ScreenInfo, VrdeServerInfo
    from app.settings.model import MachineSettings


class Subject(msgspec.Struct, frozen=True):
    """The machine that is described.

    Attributes:
        info: State and places, as the service tells them.
        settings: Its settings.
        media: Absolute path by UUID of the media in its drives.
        os_description: Guest operating system for people.
        os_family: Family of that system.
        screen: First screen of the running VM; None when there is no VM to ask.
        vrde: Its remote display server, likewise.
        usb: USB devices of the host that it has; none when there is no VM to ask.
    """

    info: MachineInfo
    settings: MachineSettings
    media: dict[str, str]
    os_description: str
    os_family: str
    screen: ScreenInfo | None = None
    vrde: VrdeServerInfo | None = None
    usb: tuple[HostUsbDevice, ...] = ()

    @property
    def folder(self) -> str:
        """The machine's folder."""
        return os.path.dirname(self.info.settings_path)

    def place(self, location: str) -> str:
        """Absolute path of a location in the settings."""
        return resolve_location(self.folder, location)
