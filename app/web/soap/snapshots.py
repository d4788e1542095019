"""``ISnapshot``: states of a machine to come back to."""

from __future__ import annotations

from typing import NamedTuple

from app.settings.model import MachineSettings, Snapshot
from app.web.soap.context import Context
from app.web.soap.managed import Long, Managed, UnsignedInt, operation
from app.web.soap.progress import Progress


class TakenSnapshot(NamedTuple):
    """What ``takeSnapshot`` tells."""

    id: str
    returnval: Progress


class MachineSnapshot(Managed, interface="ISnapshot"):
    """A snapshot.

    Args:
        context: Session.
        machine_id: UUID of its machine.
        snapshot_id: Its UUID.
    """

    def __init__(self, context: Context, machine_id: str, snapshot_id: str) -> None:
        super().__init__(context)
        self._machine_id = machine_id
        self.id = snapshot_id

    def key(self) -> object:
        """One has one UUID, which a copy of its machine may share."""
        return self._machine_id, self.id

    async def _find(self) -> Snapshot:
        snapshot: Snapshot = await self.context.call(
            "snapshot.find", id=self._machine_id, snapshot=self.id
        )
        return snapshot

    async def _edit(self, **changes: str) -> None:
        await self.context.call(
            "snapshot.edit", id=self._machine_id, snapshot=self.id, **changes
        )

    async def _children(self) -> list[Snapshot]:
        settings: MachineSettings = await self.context.call(
            "machine.get_settings", id=self._machine_id
        )
        return [each for each in settings.snapshots if each.parent == self.id]

    @operation("getId")
    async def get_id(self) -> str:
        """UUID."""
        return self.id

    @operation("getName")
    async def name(self) -> str:
        """Name."""
        return (await self._find()).name

    @operation("setName")
    async def set_name(self, name: str) -> None:
        """Change the name at once."""
        await self._edit(name=name)

    @operation("getDescription")
    async def description(self) -> str:
        """What people noted."""
        return (await self._find()).description

    @operation("setDescription")
    async def set_description(self, description: str) -> None:
        """Change the description at once."""
        await self._edit(description=description)

    @operation("getTimeStamp")
    async def time_stamp(self) -> Long:
        """When it was taken, in milliseconds since 1970."""
        return int((await self._find()).time_stamp.timestamp() * 1000)

    @operation("getOnline")
    async def online(self) -> bool:
        """Whether it has an execution state."""
        return bool((await self._find()).state_file)

    @operation("getParent")
    async def parent(self) -> MachineSnapshot | None:
        """The one that it was taken after."""
        parent = (await self._find()).parent
        return MachineSnapshot(self.context, self._machine_id, parent) if parent else None

    @operation("getChildren")
    async def children(self) -> list[MachineSnapshot]:
        """Those that were taken after it."""
        return [
            MachineSnapshot(self.context, self._machine_id, child.uuid)
            for child in await self._children()
        ]

    @operation("getChildrenCount")
    async def children_count(self) -> UnsignedInt:
        """Number of those."""
        return len(await self._children())
