"""``IMedium``: disk, DVD and floppy images that are known."""

from __future__ import annotations

import os.path

from app.api.structs import DeviceType, MediumInfo, MediumState
from app.settings.enums import MediumType
from app.web.soap.context import Context
from app.web.soap.managed import Long, Managed, operation


class Medium(Managed, interface="IMedium"):
    """A known image.

    Args:
        context: Session.
        medium_id: UUID.
    """

    def __init__(self, context: Context, medium_id: str) -> None:
        super().__init__(context)
        self._id = medium_id

    def key(self) -> object:
        """One has one UUID."""
        return self._id

    async def _info(self) -> MediumInfo:
        info: MediumInfo = await self.context.call("medium.get_info", id=self._id)
        return info

    @operation("getId")
    async def id(self) -> str:
        """UUID."""
        return self._id

    @operation("getDescription")
    async def description(self) -> str:
        """What people noted."""
        return (await self._info()).description

    @operation("getState")
    async def state(self) -> MediumState:
        """Whether it can be used."""
        return (await self._info()).state

    @operation("getLastAccessError")
    async def last_access_error(self) -> str:
        """Why it cannot be used; empty when it can."""
        return (await self._info()).access_error

    @operation("getLocation")
    async def location(self) -> str:
        """Absolute path of the image."""
        return (await self._info()).path

    @operation("getName")
    async def name(self) -> str:
        """Name of the file."""
        return os.path.basename((await self._info()).path)

    @operation("getDeviceType")
    async def device_type(self) -> DeviceType:
        """Kind of drive that it belongs into."""
        return (await self._info()).device_type

    @operation("getFormat")
    async def format(self) -> str:
        """Name of the format."""
        return (await self._info()).format

    @operation("getType")
    async def type(self) -> MediumType:
        """Behaviour with snapshots and sharing."""
        return MediumType((await self._info()).type)

    @operation("getSize")
    async def size(self) -> Long:
        """Bytes that the file takes on the host."""
        return (await self._info()).actual_size

    @operation("getLogicalSize")
    async def logical_size(self) -> Long:
        """Bytes that the guest sees."""
        return (await self._info()).logical_size

    @operation("getAutoReset")
    async def auto_reset(self) -> bool:
        """Whether it is a differencing image that is emptied when its machine starts."""
        return (await self._info()).auto_reset

    @operation("getParent")
    async def parent(self) -> Medium | None:
        """The image that this one builds on."""
        parent = (await self._info()).parent_id
        return Medium(self.context, parent) if parent else None

    @operation("getChildren")
    async def children(self) -> list[Medium]:
        """The images that build on this one."""
        return [Medium(self.context, child) for child in (await self._info()).children]

    @operation("getBase")
    async def base(self) -> Medium:
        """The image at the root of its chain."""
        medium, info = self, await self._info()
        while info.parent_id:
            medium = Medium(self.context, info.parent_id)
            info = await medium._info()
        return medium

    @operation("getMachineIds")
    async def machine_ids(self) -> list[str]:
        """UUIDs of the machines that have it in a drive, now or in a snapshot."""
        return [use.machine_id for use in (await self._info()).uses]

    @operation("getSnapshotIds")
    async def get_snapshot_ids(self, machine_id: str) -> list[str]:
        """UUIDs of a machine's snapshots that use it, after that of the machine if it uses it."""
        use = next((it for it in (await self._info()).uses if it.machine_id == machine_id), None)
        if use is None:
            return []
        return [machine_id] * use.attached + [snapshot for snapshot, _ in use.snapshots]


async def list_media(context: Context, device_type: DeviceType) -> list[Medium]:
    """Known images of a kind that build on no other one."""
    media = await context.call("virtualbox.list_media", device_type=device_type)
    return [Medium(context, info.id) for info in media if not info.parent_id]
