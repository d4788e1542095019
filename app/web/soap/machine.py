"""``IMachine`` and ``ISession``: machines, and who holds them; the two name each other."""

from __future__ import annotations

import copy
import enum
from datetime import datetime
from typing import TYPE_CHECKING, Final, NoReturn

from app.api.basics import LockType, MachineInfo, MachineState, SessionState
from app.api.errors import ApiError, ErrorCode
from app.web.calls import AsyncCall
from app.web.soap.console import Console
from app.web.soap.context import Context
from app.web.soap.managed import Long, Managed, UnsignedInt, operation
from app.web.soap.progress import Progress
from app.web.soap.snapshots import MachineSnapshot, TakenSnapshot

if TYPE_CHECKING:
    from app.settings.model import MachineSettings

_NAME: Final = "vitrine-web"


class SessionType(enum.StrEnum):
    """What a session holds its machine with."""

    NULL = "Null"
    WRITE_LOCK = "WriteLock"
    REMOTE = "Remote"
    SHARED = "Shared"


class Draft:
    """Changed settings of a machine that a session has locked.

    Attributes:
        base: as they were read.
        changed: a copy, with the changes.
    """

    def __init__(self, settings: MachineSettings) -> None:
        self.base = settings
        self.changed = copy.deepcopy(settings)


class Session(Managed, interface="ISession"):
    """Locks a machine; there is one in a session of the web service."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._machine_id = ""
        self._type = SessionType.NULL
        self._launching: AsyncCall | None = None
        self._locked_in_api = False

    @classmethod
    def of(cls, context: Context) -> Session:
        """The session object of a context."""
        known = context.known(cls, None)
        return known if isinstance(known, cls) else cls(context)

    def key(self) -> object:
        """There is one."""
        return None

    def _state(self) -> SessionState:
        if self._launching is not None:
            if not self._launching.result.done():
                return SessionState.SPAWNING
            if self._launching.result.exception() is not None:
                self._forget()
        return SessionState.LOCKED if self._machine_id else SessionState.UNLOCKED

    def _forget(self) -> None:
        self._machine_id = ""
        self._type = SessionType.NULL
        self._launching = None
        self._locked_in_api = False

    def _require(self, state: SessionState) -> None:
        if self._state() is not state:
            raise ApiError(
                ErrorCode.VBOX_E_INVALID_OBJECT_STATE,
                f"The session is {self._state().value}, and has to be {state.value} for that.",
                "session",
            )

    async def lock(self, machine_id: str, lock_type: LockType) -> None:
        """Hold a machine.

        Raises:
            ApiError: The session holds one already, or somebody else holds the machine.
        """
        self._require(SessionState.UNLOCKED)
        info = await self.context.call("virtualbox.find_machine", name_or_id=machine_id)
        # A machine that runs may be told what to do by everybody: that is its shared lock.
        shared = lock_type is LockType.SHARED and info.state.is_online
        if not shared:
            await self.context.call("machine.lock", id=machine_id)
        self._machine_id = machine_id
        self._locked_in_api = not shared
        self._type = SessionType.SHARED if shared else SessionType.WRITE_LOCK

    async def launch(self, machine_id: str, frontend: str, environment: list[str]) -> Progress:
        """Start a machine, and hold it shared as soon as it runs.

        Raises:
            ApiError: The session holds a machine already.
        """
        self._require(SessionState.UNLOCKED)
        running = await self.context.begin(
            "machine.launch", id=machine_id, frontend=frontend, environment=environment
        )
        self._machine_id = machine_id
        self._type = SessionType.REMOTE
        self._launching = running
        return Progress(self.context, running, "Starting the machine")

    @operation("getState")
    async def state(self) -> SessionState:
        """Whether it holds a machine."""
        return self._state()

    @operation("getType")
    async def type(self) -> SessionType:
        """With what it holds its machine."""
        self._state()
        return self._type

    @operation("getName")
    async def name(self) -> str:
        """Name of the session."""
        return _NAME

    @operation("getMachine")
    async def machine(self) -> Machine:
        """The machine that it holds, whose settings may be changed."""
        self._require(SessionState.LOCKED)
        known = self.context.known(Machine, (self._machine_id, True))
        if isinstance(known, Machine):
            return known
        settings = await self.context.call("machine.get_settings", id=self._machine_id)
        return Machine(self.context, self._machine_id, Draft(settings))

    @operation("getConsole")
    async def console(self) -> Console | None:
        """The console of the machine that it holds; nothing when that does not run."""
        self._require(SessionState.LOCKED)
        return None if self._locked_in_api else Console(self.context, self._machine_id)

    @operation("unlockMachine")
    async def unlock_machine(self) -> None:
        """Give up the machine; what was not saved is lost."""
        self._require(SessionState.LOCKED)
        held = self.context.known(Machine, (self._machine_id, True))
        if held is not None:
            self.context.release(self.context.refer(held))
        machine_id, locked = self._machine_id, self._locked_in_api
        self._forget()
        if locked:
            await self.context.call("machine.unlock", id=machine_id)


class Machine(Managed, interface="IMachine"):
    """A registered machine.

    Args:
        context: Session.
        machine_id: UUID.
        draft: Its settings, when a session has locked it.
    """

    def __init__(self, context: Context, machine_id: str, draft: Draft | None = None) -> None:
        super().__init__(context)
        self.id = machine_id
        self._draft = draft

    def key(self) -> object:
        """The one that a session has locked is another one."""
        return self.id, self._draft is not None

    async def _info(self) -> MachineInfo:
        info: MachineInfo = await self.context.call("virtualbox.find_machine", name_or_id=self.id)
        return info

    async def _settings(self) -> MachineSettings:
        if self._draft is not None:
            return self._draft.changed
        return await self._stored()

    async def _stored(self) -> MachineSettings:
        settings: MachineSettings = await self.context.call("machine.get_settings", id=self.id)
        return settings

    def _changeable(self) -> MachineSettings:
        if self._draft is None:
            self._refuse_change()
        return self._draft.changed

    def _refuse_change(self) -> NoReturn:
        raise ApiError(
            ErrorCode.E_ACCESSDENIED,
            "Lock the machine with a session, and change the machine of the session.",
            "machine",
        )

    # ------------------------------------------------------------------ what is told of all

    @operation("getId")
    async def get_id(self) -> str:
        """UUID."""
        return self.id

    @operation("getAccessible")
    async def accessible(self) -> bool:
        """Whether its settings file can be read."""
        return (await self._info()).accessible

    @operation("getState")
    async def state(self) -> MachineState:
        """Execution state."""
        return (await self._info()).state

    @operation("getLastStateChange")
    async def last_state_change(self) -> Long:
        """When the state changed last, in milliseconds since 1970."""
        text = (await self._info()).last_state_change
        return int(datetime.fromisoformat(text).timestamp() * 1000) if text else 0

    @operation("getSessionState")
    async def session_state(self) -> SessionState:
        """Whether somebody holds it."""
        return (await self._info()).session_state

    @operation("getSessionName")
    async def session_name(self) -> str:
        """What holds it."""
        return (await self._info()).session_name

    @operation("getSessionPID")
    async def session_pid(self) -> UnsignedInt:
        """Process that holds it."""
        return (await self._info()).session_pid

    @operation("getSettingsFilePath")
    async def settings_file_path(self) -> str:
        """The settings file."""
        return (await self._info()).settings_path

    @operation("getCurrentStateModified")
    async def current_state_modified(self) -> bool:
        """Whether it differs from its current snapshot."""
        return (await self._info()).modified

    # ------------------------------------------------------------------ settings

    @operation("getName")
    async def name(self) -> str:
        """Name; for an inaccessible machine the stem of its settings file."""
        return self._draft.changed.name if self._draft else (await self._info()).name

    @operation("setName")
    async def set_name(self, name: str) -> None:
        """Change the name."""
        self._changeable().name = name

    @operation("getDescription")
    async def description(self) -> str:
        """What people noted."""
        return (await self._settings()).description

    @operation("setDescription")
    async def set_description(self, description: str) -> None:
        """Change the description."""
        self._changeable().description = description

    @operation("getOSTypeId")
    async def os_type_id(self) -> str:
        """Guest OS type."""
        return (await self._settings()).os_type_id

    @operation("getGroups")
    async def groups(self) -> list[str]:
        """Groups that it belongs to."""
        return list((await self._info()).groups)

    @operation("getCPUCount")
    async def cpu_count(self) -> UnsignedInt:
        """Virtual processors."""
        return (await self._settings()).hardware.cpu.count

    @operation("setCPUCount")
    async def set_cpu_count(self, cpu_count: UnsignedInt) -> None:
        """Change the number of processors."""
        self._changeable().hardware.cpu.count = cpu_count

    @operation("getMemorySize")
    async def memory_size(self) -> UnsignedInt:
        """Guest RAM in MiB."""
        return (await self._settings()).hardware.memory_mb

    @operation("setMemorySize")
    async def set_memory_size(self, memory_size: UnsignedInt) -> None:
        """Change the guest RAM."""
        self._changeable().hardware.memory_mb = memory_size

    @operation("getSnapshotCount")
    async def snapshot_count(self) -> UnsignedInt:
        """Number of its snapshots."""
        return len((await self._stored()).snapshots)

    @operation("getCurrentSnapshot")
    async def current_snapshot(self) -> MachineSnapshot | None:
        """The snapshot that it was in last; nothing when it has none."""
        current = (await self._stored()).current_snapshot
        return MachineSnapshot(self.context, self.id, current) if current else None

    @operation("findSnapshot")
    async def find_snapshot(self, name_or_id: str) -> MachineSnapshot:
        """The snapshot of a name or UUID; the first one for an empty name."""
        snapshots = (await self._stored()).snapshots
        if not name_or_id and snapshots:
            found = next(each for each in snapshots if not each.parent)
        else:
            found = await self.context.call("snapshot.find", id=self.id, snapshot=name_or_id)
        return MachineSnapshot(self.context, self.id, found.uuid)

    @operation("saveSettings")
    async def save_settings(self) -> None:
        """Store what was changed."""
        if self._draft is None:
            self._refuse_change()
        draft = self._draft
        await self.context.call(
            "machine.save_settings", id=self.id, settings=draft.changed, base=draft.base
        )
        await self.discard_settings()

    @operation("discardSettings")
    async def discard_settings(self) -> None:
        """Forget what was changed since the last saving."""
        self._changeable()
        self._draft = Draft(await self.context.call("machine.get_settings", id=self.id))

    @operation("getExtraDataKeys")
    async def get_extra_data_keys(self) -> list[str]:
        """Keys of its extra data."""
        return list(await self.context.call("machine.list_extra_data", id=self.id))

    @operation("getExtraData")
    async def get_extra_data(self, key: str) -> str:
        """Extra data; empty when there is none."""
        return str(await self.context.call("machine.get_extra_data", id=self.id, key=key))

    @operation("setExtraData")
    async def set_extra_data(self, key: str, value: str) -> None:
        """Store extra data at once; an empty value removes the key."""
        await self.context.call("machine.set_extra_data", id=self.id, key=key, value=value)

    # ------------------------------------------------------------------ life

    @operation("lockMachine")
    async def lock_machine(self, session: Session, lock_type: LockType) -> None:
        """Hold the machine with a session."""
        if lock_type is LockType.VM:
            raise ApiError(
                ErrorCode.E_ACCESSDENIED, "Only processes of machines lock for VM.", "machine"
            )
        await session.lock(self.id, lock_type)

    @operation("launchVMProcess")
    async def launch_vm_process(
        self, session: Session, name: str, environment_changes: list[str]
    ) -> Progress:
        """Start the machine with a front end such as ``headless``; the session holds it then."""
        return await session.launch(self.id, name, environment_changes)

    @operation("saveState")
    async def save_state(self) -> Progress:
        """Save the execution state of the running machine, which then ends."""
        running = await self.context.begin("machine.save_state", id=self.id)
        return Progress(self.context, running, "Saving the state")

    @operation("discardSavedState")
    async def discard_saved_state(self, f_remove_file: bool) -> None:
        """Forget the saved state."""
        await self.context.call("saved_state.discard", id=self.id, remove_file=f_remove_file)

    @operation("takeSnapshot")
    async def take_snapshot(self, name: str, description: str, pause: bool) -> TakenSnapshot:
        """Remember the machine; its UUID is not known before that is over, so it is empty."""
        del pause  # a machine that runs is held for a moment only
        running = await self.context.begin(
            "snapshot.take", id=self.id, name=name, description=description
        )
        return TakenSnapshot("", Progress(self.context, running, "Taking a snapshot"))

    @operation("restoreSnapshot")
    async def restore_snapshot(self, snapshot: MachineSnapshot) -> Progress:
        """Give the machine what a snapshot remembers."""
        running = await self.context.begin("snapshot.restore", id=self.id, snapshot=snapshot.id)
        return Progress(self.context, running, "Restoring the snapshot")

    @operation("deleteSnapshot")
    async def delete_snapshot(self, id: str) -> Progress:  # noqa: A002 - name on the wire
        """Forget a snapshot."""
        running = await self.context.begin("snapshot.delete", id=self.id, snapshot=id)
        return Progress(self.context, running, "Deleting the snapshot")
