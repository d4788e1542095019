"""``IVirtualBox``: the registry of machines and media."""

from __future__ import annotations

from app.api.basics import MachineState
from app.api.structs import DeviceType
from app.version import version
from app.web.soap.machine import Machine
from app.web.soap.managed import Managed, operation
from app.web.soap.media import Medium, list_media

API_VERSION = "7_1"
"""The version of VirtualBox's API whose operations these are."""


class VirtualBox(Managed, interface="IVirtualBox"):
    """The installation."""

    def key(self) -> object:
        """There is one."""
        return None

    @operation("getVersion")
    async def version(self) -> str:
        """Version of the product."""
        return version()

    @operation("getVersionNormalized")
    async def version_normalized(self) -> str:
        """The same, as Vitrine's versions have nothing but numbers in them."""
        return version()

    @operation("getAPIVersion")
    async def api_version(self) -> str:
        """Version of VirtualBox's API that this is a subset of."""
        return API_VERSION

    @operation("getHomeFolder")
    async def home_folder(self) -> str:
        """Configuration folder."""
        return str((await self.context.call("virtualbox.get_version")).home_folder)

    @operation("getSettingsFilePath")
    async def settings_file_path(self) -> str:
        """The global settings file."""
        return str((await self.context.call("virtualbox.get_version")).settings_file)

    @operation("getMachines")
    async def machines(self) -> list[Machine]:
        """Registered machines in the order of registration."""
        machines = await self.context.call("virtualbox.list_machines")
        return [Machine(self.context, machine.id) for machine in machines]

    @operation("getMachineStates")
    async def get_machine_states(self, machines: list[Machine]) -> list[MachineState]:
        """States of these machines."""
        known = await self.context.call("virtualbox.list_machines")
        states = {machine.id: machine.state for machine in known}
        return [states.get(machine.id, MachineState.NULL) for machine in machines]

    @operation("findMachine")
    async def find_machine(self, name_or_id: str) -> Machine:
        """The machine of a name, a UUID or a settings file."""
        machine = await self.context.call("virtualbox.find_machine", name_or_id=name_or_id)
        return Machine(self.context, machine.id)

    @operation("getHardDisks")
    async def hard_disks(self) -> list[Medium]:
        """Known hard disks; differencing images are the children of these."""
        return await list_media(self.context, DeviceType.HARD_DISK)

    @operation("getDVDImages")
    async def dvd_images(self) -> list[Medium]:
        """Known DVD images."""
        return await list_media(self.context, DeviceType.DVD)

    @operation("getFloppyImages")
    async def floppy_images(self) -> list[Medium]:
        """Known floppy images."""
        return await list_media(self.context, DeviceType.FLOPPY)

    @operation("getExtraDataKeys")
    async def get_extra_data_keys(self) -> list[str]:
        """Keys of the extra data of the installation."""
        return list(await self.context.call("virtualbox.list_extra_data"))

    @operation("getExtraData")
    async def get_extra_data(self, key: str) -> str:
        """Extra data of the installation; empty when there is none."""
        return str(await self.context.call("virtualbox.get_extra_data", key=key))

    @operation("setExtraData")
    async def set_extra_data(self, key: str, value: str) -> None:
        """Store extra data of the installation; an empty value removes the key."""
        await self.context.call("virtualbox.set_extra_data", key=key, value=value)
