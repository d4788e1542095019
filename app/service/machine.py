"""One registered machine as the service knows it: settings, state, and who holds it."""

from __future__ import annotations

import datetime as dt
import logging
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from app.api.errors import ApiError, ErrorCode
from app.api.events import MachineDataChanged, MachineStateChanged, SessionStateChanged
from app.api.structs import LockType, MachineInfo, MachineState, SessionState
from app.service.store import SettingsStore
from app.service.summaries import Summary
from app.settings.oldmedia import missing_sentence
from app.settings.paths import resolve_location
from app.settings.storage import is_file_format

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.service.holding import Holder
    from app.service.hub import EventHub
    from app.service.index import MachineIndex
    from app.service.peer import Peer
    from app.service.processes import ProcessIdentity
    from app.settings.files import Signature
    from app.settings.machine_file import MachineFile
    from app.settings.model import MachineSettings
    from app.settings.storage import HardDisk, RemovableImage

_logger = logging.getLogger(__name__)

_UNLOCKING_SECONDS: Final = 5.0
"""How long whoever wants a machine waits for a VM process that is just leaving it."""


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
        given_up: The process was ended before the machine ran.
        state_before: State of the machine when the session began.
        error: Why the VM did not start or ended; empty while all is well.
        on_progress: Told how far the VM process is with what somebody waits for.
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
        self.given_up = False
        self.state_before = machine.state
        self.error = ""
        self.on_progress: Callable[[int, str], None] | None = None


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

    def __init__(
        self, machine_id: str, path: Path, hub: EventHub, index: MachineIndex | None = None
    ) -> None:
        self.id = machine_id
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.state = MachineState.POWERED_OFF
        self.session_state = SessionState.UNLOCKED
        self.session: Session | None = None
        self.last_error = ""
        self.info = MachineInfo(id=machine_id, name=path.stem, settings_path=str(path))
        self._store = SettingsStore(machine_id, path)
        self._resting = self.info
        self._hub = hub
        self._index = index
        self._load_warning = ""
        self._online_since = ""
        self._lock_holders: dict[Holder, LockType] = {}

    # -- settings ------------------------------------------------------------------------------

    @property
    def path(self) -> Path:
        """The settings file."""
        return self._store.path

    @property
    def folder(self) -> Path:
        """The machine's folder."""
        return self.path.parent

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
        return self.require_accessible()

    def load(self, *, obey: bool = True) -> None:
        """Read the settings file; a machine that cannot be read is inaccessible and says why.

        Args:
            obey: See :meth:`app.service.store.SettingsStore.load`.
        """
        with self.lock:
            self._store.load(obey=obey)
            self._settings_taken()

    def restore(self, info: MachineInfo, known: Signature) -> None:
        """Take over what an earlier service knew of the file; it is read when it is needed."""
        with self.lock:
            self._store.defer(known)
            self._resting = info
            self.state = info.state
            self._publish()

    @property
    def summary(self) -> Summary | None:
        """What the next service may know without reading the file; None: nothing."""
        with self.lock:
            store = self._store
            # Whoever reads the file anew finds out what is wrong with it.
            if store.error or self._load_warning or store.seen is None:
                return None
            return Summary(store.seen, self._resting)

    def refresh(self, *, obey: bool = True) -> None:
        """Read the settings file anew and tell everybody, unless somebody holds the machine."""
        with self.lock:
            if self.session_state is not SessionState.UNLOCKED:
                return
            before = self.state
            self.load(obey=obey)
            if self.state is not before:
                self._hub.fire(MachineStateChanged(id=self.id, state=self.state))
        self._hub.fire(MachineDataChanged(id=self.id))

    def adopt_new_file(self, file: MachineFile) -> None:
        """Take over a settings file that was just read or written."""
        with self.lock:
            self._store.adopt(file)
            self._settings_taken()

    def _settings_taken(self) -> None:
        settings = self._store.settings
        if self.session is None and settings is not None:
            self.state = state_of(settings)
        self._take_warning()
        self._publish()

    def _take_warning(self) -> None:
        # Whoever looks at the machine has to know that its settings are older ones.
        settings = self._store.settings
        warning = self._store.warning or (missing_sentence(settings) if settings else "")
        if warning or self.last_error == self._load_warning:
            self.last_error = warning
        self._load_warning = warning

    def write_settings(self, settings: MachineSettings) -> None:
        """Write the file and take the settings over. Needs the machine's lock.

        Raises:
            ApiError: Nothing was changed; tells why.
        """
        self.require_accessible()
        try:
            self._store.save(settings)
        except ApiError:
            # When another program was in the way, people must see what it did.
            self.check_disk()
            raise
        self._take_warning()
        self._publish()
        self._hub.fire(MachineDataChanged(id=self.id))

    def moved(self, path: Path) -> None:
        """The settings file is at ``path`` now. Needs the machine's lock."""
        before = self.path
        self._store.path = path
        if self._index is not None:
            self._index.moved(self, before, path)
        self.load()

    # -- what other programs do to the file (see app.service.watching) ---------------------------

    @property
    def watched_path(self) -> str:
        """The settings file."""
        return str(self._store.path)

    @property
    def known_signature(self) -> Signature | None:
        """Signature of the settings file as it was read or written last."""
        return self._store.seen

    def check_disk(self) -> None:
        """Take over what another program did to the file; later if somebody holds the machine."""
        with self.lock:
            if not self._store.changed_on_disk():
                return
            if self.session_state is not SessionState.UNLOCKED:
                _logger.info("'%s' was changed by another program; that counts when '%s' is "
                             "released", self.path, self.info.name)  # fmt: skip
                return
            _logger.info("'%s' was changed by another program and is read anew", self.path)
            self.refresh(obey=False)

    def resolve(self, location: str) -> Path:
        """Absolute path of a location in the settings."""
        return Path(resolve_location(str(self.folder), location))

    def image_path(self, medium: HardDisk | RemovableImage) -> Path | None:
        """Absolute path of the image of a medium; None for one that is no file."""
        return self.resolve(medium.location) if is_file_format(medium.format) else None

    # -- conditions ----------------------------------------------------------------------------

    def require_accessible(self) -> MachineSettings:
        """The settings, which are read if nobody has needed them before.

        Raises:
            ApiError: ``VBOX_E_INVALID_OBJECT_STATE``: they cannot be read; tells why.
        """
        with self.lock:
            if self._store.deferred:
                before = self.info
                self.load()
                if self.info != before:
                    self._hub.fire(MachineDataChanged(id=self.id))
            settings = self._store.settings
        if settings is None:
            raise ApiError(
                ErrorCode.VBOX_E_INVALID_OBJECT_STATE,
                f"The machine '{self.info.name}' is inaccessible: {self._store.error}",
                "machine",
            )
        return settings

    def require_unlocked(
        self, refusal: str = "is already locked by a session (or being locked or unlocked)"
    ) -> None:
        """Check that nobody holds the machine; one that is being unlocked gets a moment for it.

        Args:
            refusal: What the machine is when somebody does.

        Raises:
            ApiError: ``VBOX_E_INVALID_OBJECT_STATE``: tells who does.
        """
        with self.lock:
            self.changed.wait_for(
                lambda: self.session_state is not SessionState.UNLOCKING, _UNLOCKING_SECONDS
            )
            if self.session_state is not SessionState.UNLOCKED:
                raise ApiError(
                    ErrorCode.VBOX_E_INVALID_OBJECT_STATE,
                    f"The machine '{self.info.name}' {refusal}: {self._holder()}.",
                    "machine",
                )

    def _holder(self) -> str:
        if self.session is None:
            return ", ".join(str(peer) for peer in self._lock_holders)
        pid = self.session.process.pid if self.session.process else 0
        return f"process {pid} ({self.session.name})"

    def require_editable_by(self, peer: Holder) -> None:
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

    def lock_for(self, peer: Holder, lock_type: LockType) -> None:
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
                self.require_unlocked("is already locked for a session (or being unlocked)")
            else:
                self.require_editable_by(peer)
            self._lock_holders[peer] = lock_type
            peer.machines.add(self)
            self._settle_session_state()

    def unlock_for(self, peer: Holder) -> None:
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

    def lock_type_of(self, peer: Holder) -> LockType | None:
        """How a client holds the machine; None when it does not. Needs the machine's lock."""
        return self._lock_holders.get(peer)

    def release_lock_of(self, peer: Holder) -> bool:
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

    def process_started(self, session: Session, process: ProcessIdentity) -> None:
        """The VM process of a session was started."""
        session.process = process
        self._publish()
        self.changed.notify_all()

    def set_state(self, state: MachineState, session_state: SessionState) -> None:
        """Take over state and session state, and tell everybody what changed."""
        state_changed = state is not self.state
        session_changed = session_state is not self.session_state
        self.state, self.session_state = state, session_state
        if state_changed and state.is_online:
            # The settings file hears of it when the VM has ended.
            self._online_since = _iso(dt.datetime.now(dt.UTC))
        # Whoever asks after the first event sees what the second one will tell.
        self._publish()
        if state_changed:
            self._hub.fire(MachineStateChanged(id=self.id, state=state))
        if session_changed:
            self._hub.fire(SessionStateChanged(id=self.id, state=session_state))
            self._look_if_released()
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
        try:
            before = self.require_accessible()
            aborted = state in (MachineState.ABORTED, MachineState.ABORTED_SAVED)
            now = dt.datetime.now(dt.UTC).replace(microsecond=0)
            settings = msgspec.structs.replace(before, aborted=aborted, last_state_change=now)
            self._store.save(settings, force=True)
        except ApiError as error:
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
            self._look_if_released()
            self.changed.notify_all()

    def _look_if_released(self) -> None:
        """What other programs did to the file while somebody held the machine counts now."""
        if self.session_state is SessionState.UNLOCKED:
            self.check_disk()

    def _publish(self) -> None:
        store = self._store
        if store.settings is not None:
            self._resting = resting_info(store.path, store.settings)
        elif store.error:
            self._resting = MachineInfo(
                id=self.id,
                name=store.path.stem,
                settings_path=str(store.path),
                accessible=False,
                access_error=store.error,
            )
        session = self.session
        pid = session.process.pid if session is not None and session.process is not None else 0
        before = self.info.name
        since = self._online_since if self.state.is_online else ""
        self.info = msgspec.structs.replace(
            self._resting,
            state=self.state,
            last_state_change=since or self._resting.last_state_change,
            session_state=self.session_state,
            session_pid=pid,
            session_name=session.name if session is not None else "",
            last_error=self.last_error,
        )
        if self._index is not None and self.info.name != before:
            self._index.renamed(self, before, self.info.name)


def resting_info(path: Path, settings: MachineSettings) -> MachineInfo:
    """What clients list of a machine that nobody holds; made from its settings alone."""
    changed = settings.last_state_change
    snapshot = next(
        (each for each in settings.snapshots if each.uuid == settings.current_snapshot), None
    )
    return MachineInfo(
        id=settings.uuid,
        name=settings.name,
        os_type_id=settings.os_type_id,
        state=state_of(settings),
        settings_path=str(path),
        last_state_change=_iso(changed) if changed is not None else "",
        memory_mb=settings.hardware.memory_mb,
        groups=list(settings.groups),
        snapshot_name=snapshot.name if snapshot is not None else "",
        modified=snapshot is not None and settings.current_state_modified,
    )


def state_of(settings: MachineSettings) -> MachineState:
    """State of a machine that nobody holds."""
    if settings.aborted:
        return MachineState.ABORTED_SAVED if settings.state_file else MachineState.ABORTED
    return MachineState.SAVED if settings.state_file else MachineState.POWERED_OFF


def _iso(moment: dt.datetime) -> str:
    if moment.tzinfo is not None:
        moment = moment.astimezone(dt.UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
