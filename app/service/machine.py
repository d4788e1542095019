"""One registered machine as the service knows it: settings, state, and who holds it."""

from __future__ import annotations

import datetime as dt
import logging
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from app.api.errors import ApiError, ErrorCode
from app.api.events import MachineDataChanged, MachineStateChanged, SessionStateChanged
from app.api.structs import LockType, MachineInfo, MachineState, SessionState
from app.service.errors import from_settings_error
from app.settings.errors import SettingsError
from app.settings.machine_file import MachineFile, resolve_location
from app.settings.model import MachineSettings

if TYPE_CHECKING:
    from app.service.hub import EventHub
    from app.service.peer import Peer
    from app.service.processes import ProcessIdentity

_logger = logging.getLogger(__name__)


class Session:
    """The hold of a VM process on a machine; guarded by ``Machine.lock``.

    Attributes:
        machine: The machine.
        frontend: ``gui``...
        name: For people: what holds the machine.
        process: The VM process; None until it was started.
        peer: Its connection; None before it attached and while it is not connected.
        attached: It took the lock.
        ended: The session is over.
        captured: What the process prints goes to the log folder of the machine.
        error: Why the VM did not start or ended; empty while all is well.
    """

    def __init__(
        self, machine: Machine, frontend: str, *, name: str, captured: bool = False
    ) -> None:
        self.machine = machine
        self.frontend = frontend
        self.name = name
        self.process: ProcessIdentity | None = None
        self.peer: Peer | None = None
        self.attached = False
        self.ended = False
        self.captured = captured
        self.error = ""


class Machine:
    """A machine of the registry.

    Attributes:
        id: UUID in lower case without braces.
        lock: Guards everything here except ``info``; see :mod:`app.service`.
        changed: Notified when state or session change.
        state: Execution state.
        session_state: State of the lock.
        session: The VM process that holds the machine, if one does.
        last_error: Why the machine last ended by itself or did not start, or that its settings
            file could not be used and the one before it was.
        info: What clients see: an immutable value, replaced when something changes.
    """

    def __init__(self, machine_id: str, path: Path, hub: EventHub) -> None:
        self.id = machine_id
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.state = MachineState.POWERED_OFF
        self.session_state = SessionState.UNLOCKED
        self.session: Session | None = None
        self.last_error = ""
        self.info = MachineInfo(id=machine_id, name=path.stem, settings_path=str(path))
        self._path = path
        self._hub = hub
        self._file: MachineFile | None = None
        self._access_error = ""
        self._load_warning = ""
        self._lock_holders: dict[Peer, LockType] = {}

    # -- settings ------------------------------------------------------------------------------

    @property
    def path(self) -> Path:
        """The settings file."""
        return self._path

    @property
    def folder(self) -> Path:
        """The machine's folder."""
        return self._path.parent

    @property
    def log_folder(self) -> Path:
        """Where the VM process writes its logs."""
        return self.folder / "Logs"

    @property
    def settings(self) -> MachineSettings:
        """The settings; not to be changed by the caller.

        Raises:
            ApiError: The machine is inaccessible.
        """
        return self.require_accessible().settings

    def load(self) -> None:
        """Read the settings file; a machine that cannot be read is inaccessible and says why."""
        with self.lock:
            try:
                self._adopt_file(MachineFile.load(str(self._path)))
            except (SettingsError, ApiError) as error:
                self._file = None
                self._access_error = str(error)
                _logger.warning("The machine %s is inaccessible: %s", self.id, error)
            self._publish()

    def refresh(self) -> None:
        """Read the settings file anew and tell everybody, unless somebody holds the machine."""
        with self.lock:
            if self.session_state is not SessionState.UNLOCKED:
                return
            before = self.state
            self.load()
            if self.state is not before:
                self._hub.fire(MachineStateChanged(id=self.id, state=self.state))
        self._hub.fire(MachineDataChanged(id=self.id))

    def adopt_new_file(self, file: MachineFile) -> None:
        """Take over a settings file that was just read or written."""
        with self.lock:
            self._adopt_file(file)
            self._publish()

    def _adopt_file(self, file: MachineFile) -> None:
        settings = file.settings
        if settings.uuid != self.id:
            raise ApiError(
                ErrorCode.VBOX_E_XML_ERROR,
                f"'{self._path}' holds the machine {settings.uuid}, not {self.id}.",
                "machine",
            )
        for warning in file.warnings:
            _logger.warning("%s", warning)
        # Whoever looks at the machine has to know that its settings are older ones.
        warning = "\n".join(file.warnings)
        if warning or self.last_error == self._load_warning:
            self.last_error = warning
        self._load_warning = warning
        self._file = file
        self._access_error = ""
        if self.session is None:
            self.state = _state_of(settings)

    def write_settings(self, settings: MachineSettings) -> None:
        """Write the file and take the settings over. Needs the machine's lock.

        Raises:
            ApiError: Nothing was changed; tells why.
        """
        try:
            self._save(self.require_accessible(), settings)
        except SettingsError as error:
            raise from_settings_error(error, "machine") from error
        self._publish()
        self._hub.fire(MachineDataChanged(id=self.id))

    @staticmethod
    def _save(file: MachineFile, settings: MachineSettings) -> None:
        before = file.settings
        file.settings = settings
        try:
            file.save()
        except SettingsError:
            file.settings = before
            raise

    def moved(self, path: Path) -> None:
        """The settings file is at ``path`` now. Needs the machine's lock."""
        self._path = path
        self.load()

    def resolve(self, location: str) -> Path:
        """Absolute path of a location in the settings."""
        return Path(resolve_location(str(self.folder), location))

    # -- conditions ----------------------------------------------------------------------------

    def require_accessible(self) -> MachineFile:
        """The settings file.

        Raises:
            ApiError: ``VBOX_E_INVALID_OBJECT_STATE``: it cannot be read; tells why.
        """
        if self._file is None:
            raise ApiError(
                ErrorCode.VBOX_E_INVALID_OBJECT_STATE,
                f"The machine '{self.info.name}' is inaccessible: {self._access_error}",
                "machine",
            )
        return self._file

    def require_unlocked(self) -> None:
        """Check that nobody holds the machine.

        Raises:
            ApiError: ``VBOX_E_INVALID_OBJECT_STATE``: tells who does.
        """
        if self.session_state is SessionState.UNLOCKED:
            return
        if self.session is not None:
            pid = self.session.process.pid if self.session.process else 0
            holder = f"process {pid} ({self.session.name})"
        else:
            holder = ", ".join(str(peer) for peer in self._lock_holders)
        raise ApiError(
            ErrorCode.VBOX_E_INVALID_OBJECT_STATE,
            f"The machine '{self.info.name}' is already locked by a session (or being locked or "
            f"unlocked): {holder}.",
            "machine",
        )

    def require_editable_by(self, peer: Peer) -> None:
        """Check that no other client has the machine locked for writing.

        Raises:
            ApiError: ``VBOX_E_INVALID_OBJECT_STATE``: tells who has.
        """
        for holder, lock_type in self._lock_holders.items():
            if lock_type is LockType.WRITE and holder is not peer:
                raise ApiError(
                    ErrorCode.VBOX_E_INVALID_OBJECT_STATE,
                    f"The machine '{self.info.name}' is being edited by {holder}.",
                    "machine",
                )

    # -- locks of clients ----------------------------------------------------------------------

    def lock_for(self, peer: Peer, lock_type: LockType) -> None:
        """Lock the machine for a client.

        Raises:
            ApiError: ``E_INVALIDARG`` (a VM lock), ``VBOX_E_INVALID_OBJECT_STATE`` (held).
        """
        with self.lock:
            self.require_accessible()
            if lock_type is LockType.VM:
                raise ApiError(
                    ErrorCode.E_INVALIDARG,
                    "A VM lock is taken with session.attach_vm only.",
                    "machine",
                )
            if lock_type is LockType.WRITE or peer in self._lock_holders:
                self.require_unlocked()
            else:
                self.require_editable_by(peer)
            self._lock_holders[peer] = lock_type
            self._settle_session_state()

    def unlock_for(self, peer: Peer) -> None:
        """Give up a client's lock.

        Raises:
            ApiError: ``VBOX_E_INVALID_SESSION_STATE``: it holds none.
        """
        if not self.release_lock_of(peer):
            raise ApiError(
                ErrorCode.VBOX_E_INVALID_SESSION_STATE,
                f"{peer} has no lock on the machine '{self.info.name}'.",
                "machine",
            )

    def release_lock_of(self, peer: Peer) -> bool:
        """Give up the lock of ``peer``, if it holds one; tells whether it did."""
        with self.lock:
            if self._lock_holders.pop(peer, None) is None:
                return False
            self._settle_session_state()
            return True

    # -- sessions of VM processes (called by app.service.sessions, with the lock held) ----------

    def begin_session(self, session: Session, session_state: SessionState) -> None:
        """``session`` holds the machine from now on."""
        self.session = session
        self.last_error = ""
        self._set_session_state(session_state)

    def set_state(self, state: MachineState, session_state: SessionState) -> None:
        """Take over state and session state, and tell everybody what changed."""
        state_changed = state is not self.state
        session_changed = session_state is not self.session_state
        self.state, self.session_state = state, session_state
        # Whoever asks after the first event sees what the second one will tell.
        self._publish()
        if state_changed:
            self._hub.fire(MachineStateChanged(id=self.id, state=state))
        if session_changed:
            self._hub.fire(SessionStateChanged(id=self.id, state=session_state))
        self.changed.notify_all()

    def end_session(self, session: Session, state: MachineState, error: str) -> None:
        """``session`` is over and leaves the machine in ``state``; stored in the settings file."""
        session.ended = True
        session.peer = None
        ran = session.attached
        self.session = None
        self.last_error = error
        if ran:
            self._store_state(state)
        held = SessionState.LOCKED if self._lock_holders else SessionState.UNLOCKED
        self.set_state(state, held)

    def _store_state(self, state: MachineState) -> None:
        if self._file is None:
            return
        aborted = state in (MachineState.ABORTED, MachineState.ABORTED_SAVED)
        now = dt.datetime.now(dt.UTC).replace(microsecond=0)
        settings = msgspec.structs.replace(
            self._file.settings, aborted=aborted, last_state_change=now
        )
        try:
            self._save(self._file, settings)
        except SettingsError as error:
            _logger.error("State %s of '%s' could not be stored: %s", state, self.info.name, error)

    # -- telling -------------------------------------------------------------------------------

    def _settle_session_state(self) -> None:
        if self.session is None:
            held = SessionState.LOCKED if self._lock_holders else SessionState.UNLOCKED
            self._set_session_state(held)

    def _set_session_state(self, session_state: SessionState) -> None:
        if session_state is not self.session_state:
            self.session_state = session_state
            self._publish()
            self._hub.fire(SessionStateChanged(id=self.id, state=session_state))
            self.changed.notify_all()

    def _publish(self) -> None:
        session = self.session
        pid = session.process.pid if session is not None and session.process is not None else 0
        common = MachineInfo(
            id=self.id,
            name=self._path.stem,
            state=self.state,
            session_state=self.session_state,
            settings_path=str(self._path),
            session_pid=pid,
            session_name=session.name if session is not None else "",
            last_error=self.last_error,
            accessible=self._file is not None,
            access_error=self._access_error,
        )
        if self._file is not None:
            settings = self._file.settings
            changed = settings.last_state_change
            common = msgspec.structs.replace(
                common,
                name=settings.name,
                os_type_id=settings.os_type_id,
                memory_mb=settings.hardware.memory_mb,
                last_state_change=_iso(changed) if changed is not None else "",
            )
        self.info = common


def _state_of(settings: MachineSettings) -> MachineState:
    if settings.aborted:
        return MachineState.ABORTED_SAVED if settings.state_file else MachineState.ABORTED
    return MachineState.SAVED if settings.state_file else MachineState.POWERED_OFF


def _iso(moment: dt.datetime) -> str:
    if moment.tzinfo is not None:
        moment = moment.astimezone(dt.UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
