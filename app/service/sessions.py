"""Sessions: who holds a machine, and the life of VM processes from spawn to death.

A VM process is watched in two ways. Its connection tells at once that it is gone but not whether it
will come back (it does, when it was cut off or when the service was started anew); its process
tells that it is dead. A session ends when the VM process detaches or when its process has ended;
while the process lives without a connection, the machine stays locked and keeps its state.

All fields of a session are guarded by ``Machine.lock``; ``Machine.changed`` is notified when one
changes.
"""

from __future__ import annotations

import logging
import queue
import subprocess
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import msgspec

from app.api.errors import ApiError, ErrorCode
from app.api.messages import pack
from app.api.structs import MachineState, SessionState
from app.service import savedstate
from app.service.machine import Machine, Session
from app.service.processes import (
    ProcessIdentity,
    describe_exit,
    identify,
    is_alive,
    wait_for_exit,
)
from app.service.records import SessionRecord, SessionRecords
from app.service.spawn import check_frontend, choose_frontend, output_tail, spawn_vm

if TYPE_CHECKING:
    from pathlib import Path

    from app.service.config import ServiceConfig
    from app.service.dispatch import CallContext
    from app.service.peer import Answer, Peer

_logger = logging.getLogger(__name__)

_SAVE_FAILED: Final = ErrorCode.VBOX_E_FILE_ERROR
_DRAIN_SECONDS: Final = 2.0
"""How long what a dead process had sent may take to be read."""

_ON: Final = (MachineState.RUNNING, MachineState.PAUSED)
_COMING: Final = (MachineState.STARTING, MachineState.RESTORING)


class Sessions:
    """Starts, admits, watches and ends VM processes.

    Args:
        home: Configuration directory.
        config: Delays and limits.
        on_ended: Called (with the machine's lock held) when a session has ended.
    """

    def __init__(self, home: Path, config: ServiceConfig, on_ended: Callable[[], None]) -> None:
        self._home = home
        self._config = config
        self._on_ended = on_ended
        self._records = SessionRecords(home)
        self._lock = threading.Lock()
        self._live: set[Session] = set()

    @property
    def any_live(self) -> bool:
        """Whether a VM process lives, connected or not."""
        return bool(self._live)

    # -- start ---------------------------------------------------------------------------------

    def launch(
        self,
        context: CallContext,
        machine: Machine,
        frontend: str,
        default: str,
        environment: list[str],
    ) -> None:
        """Start the machine and wait until it runs.

        Args:
            context: The call; may be cancelled, and is told how far the start is.
            machine: Which one.
            frontend: Which program; empty or ``default``: see ``machine.launch``.
            default: What the installation's settings say about that.
            environment: Changes of the environment; see ``machine.launch``.

        Raises:
            ApiError: As ``machine.launch`` tells.
        """
        with machine.lock:
            own = machine.require_accessible().hardware.default_frontend
            frontend = choose_frontend(frontend, own, default)
            check_frontend(frontend, installed=not self._config.vm_command)
            machine.require_unlocked()
            session = Session(machine, frontend, name=frontend, captured=True)
            machine.begin_session(session, SessionState.SPAWNING)
        context.progress(0, f"Creating process for virtual machine '{machine.info.name}'")
        try:
            process = spawn_vm(
                self._config.vm_command,
                machine.id,
                frontend,
                home=self._home,
                log_folder=machine.log_folder,
                environment=context.peer.environment,
                changes=environment,
            )
        except ApiError as error:
            with machine.lock:
                machine.end_session(session, machine.state, error.message)
            raise
        _logger.info("Launched VM: %s pid: %s (0x%x) frontend: %s name: %s",
                     machine.id, process.pid, process.pid, frontend, machine.info.name)  # fmt: skip
        with machine.lock:
            # The child is ours and not reaped yet, so that its number cannot be another's.
            started = identify(process.pid) or ProcessIdentity(process.pid, "")
            machine.process_started(session, started)
            self._record(session)
        self._watch(session, process)
        context.progress(20, f"Starting virtual machine '{machine.info.name}'")
        self._wait_until_running(context, session, process)

    def _wait_until_running(
        self, context: CallContext, session: Session, process: subprocess.Popen[bytes]
    ) -> None:
        machine = session.machine
        seconds = self._config.attach_seconds

        def wake() -> None:
            with machine.lock:
                machine.changed.notify_all()

        def attached() -> bool:
            return session.attached or session.ended or context.cancel_requested

        def coming() -> bool:
            return not session.attached or machine.state in _COMING

        def started() -> bool:
            return session.ended or not coming() or context.cancel_requested

        context.on_cancel(wake)
        with machine.lock:
            came_up = machine.changed.wait_for(attached, seconds)
            if came_up and not context.cancel_requested:
                machine.changed.wait_for(started, seconds)
            if context.cancel_requested and not session.ended and coming():
                self._give_up(session, process, "was cancelled by the user")
                raise ApiError(ErrorCode.E_ABORT, session.error, "machine")
            if not came_up:
                self._give_up(session, process, f"did not come up within {seconds:g} s")
                raise ApiError(ErrorCode.VBOX_E_TIMEOUT, session.error, "machine")
            if session.error:
                raise ApiError(ErrorCode.VBOX_E_VM_ERROR, session.error, "machine")

    @staticmethod
    def _give_up(session: Session, process: subprocess.Popen[bytes], why: str) -> None:
        """End a VM process before its machine runs. Needs the machine's lock."""
        name = session.machine.info.name
        sentence = f"The virtual machine '{name}' {why}; its process {process.pid} was ended."
        session.error = _with_tail(sentence, session)
        session.given_up = True
        process.kill()

    # -- the VM process's own calls ------------------------------------------------------------

    def attach(self, machine: Machine, peer: Peer, state: MachineState) -> None:
        """Give the VM lock to ``peer``; also again after a connection was lost.

        Raises:
            ApiError: ``VBOX_E_INVALID_OBJECT_STATE``: somebody else holds the machine;
                ``E_INVALIDARG``: the process cannot be identified, or no such state of a VM.
        """
        process = identify(peer.pid)
        if process is None:
            raise ApiError(
                ErrorCode.E_INVALIDARG, f"There is no process {peer.pid} to be watched.", "session"
            )
        with machine.lock:
            machine.require_accessible()
            # The child may be faster than the thread that started it.
            machine.changed.wait_for(
                lambda: machine.session is None or machine.session.process is not None,
                _DRAIN_SECONDS,
            )
            session = machine.session
            if session is None:
                machine.require_unlocked()
                if not state.is_online:
                    raise ApiError(
                        ErrorCode.E_INVALIDARG, f"A VM cannot attach in state {state}.", "session"
                    )
                session = Session(machine, "gui", name=peer.name)
                session.process = process
                machine.begin_session(session, SessionState.LOCKED)
                self._watch(session, None)
            elif session.process != process:
                raise _foreign_process(machine, session, process)
            session.peer = peer
            peer.machines.add(machine)
            session.attached = True
            session.name = peer.name
            machine.set_state(state, SessionState.LOCKED)
            self._record(session)
        _logger.info("%s attached to '%s' in state %s", peer, machine.info.name, state)

    def report_state(
        self, machine: Machine, peer: Peer, state: MachineState, error: str | None
    ) -> None:
        """Take over the state that the VM process reports.

        Raises:
            ApiError: ``VBOX_E_INVALID_SESSION_STATE``: the caller does not hold the machine.
        """
        with machine.lock:
            session = self._session_of(machine, peer)
            if error:
                session.error = error
                machine.last_error = error
            if machine.state is MachineState.RESTORING and state in _ON:
                savedstate.resumed(machine)
            # The process of a VM that has ended is about to let go of the machine.
            held = SessionState.LOCKED if state.is_online else SessionState.UNLOCKING
            machine.set_state(state, held)
            self._record(session)
        _logger.info("'%s': machine state changed to '%s'", machine.info.name, state)

    def report_progress(
        self, machine: Machine, peer: Peer, percent: int, description: str
    ) -> None:
        """Pass on how far the VM process is to who waits for it.

        Raises:
            ApiError: ``VBOX_E_INVALID_SESSION_STATE``: the caller does not hold the machine.
        """
        with machine.lock:
            told = self._session_of(machine, peer).on_progress
        if told is not None:
            told(percent, description)

    def save_state(self, context: CallContext, machine: Machine) -> None:
        """Have the VM process save its state, and wait until it has ended; on a worker thread.

        Raises:
            ApiError: As ``machine.save_state`` tells.
        """
        reference = pack({"id": machine.id})

        with machine.lock:
            self.require_console(machine)
            session = machine.session
            assert session is not None  # there is a console
            session.error = ""
            session.on_progress = context.progress
        held = session

        def cancel() -> None:
            with machine.lock:
                process = held.peer
            if process is not None:
                process.call(
                    "console.cancel_save_state", reference, lambda _answer: None,
                    self._config.console_seconds,
                )  # fmt: skip

        try:
            self.call_console(machine, "console.begin_save_state", reference)
            context.on_cancel(cancel)
            with machine.lock:
                machine.changed.wait_for(
                    lambda: session.ended or machine.state is not MachineState.SAVING
                )
                machine.changed.wait_for(lambda: session.ended or machine.state in _ON)
                if machine.state is not MachineState.SAVED:
                    code = ErrorCode.E_ABORT if context.cancel_requested else _SAVE_FAILED
                    why = session.error or f"it is {machine.state} now"
                    raise ApiError(
                        code,
                        f"The state of '{machine.info.name}' was not saved: {why}",
                        "console",
                    )
        finally:
            with machine.lock:
                session.on_progress = None

    def detach(self, machine: Machine, peer: Peer) -> None:
        """End the session in order.

        Raises:
            ApiError: ``VBOX_E_INVALID_SESSION_STATE``: the caller does not hold the machine.
        """
        with machine.lock:
            session = self._session_of(machine, peer)
            state = MachineState.POWERED_OFF if machine.state.is_online else machine.state
            self._end(session, state, machine.last_error)
        _logger.info("%s released '%s'", peer, machine.info.name)

    def require_console(self, machine: Machine) -> Peer:
        """The VM process of a running machine.

        Raises:
            ApiError: ``VBOX_E_INVALID_VM_STATE``: it does not run, or its process is not connected.
        """
        with machine.lock:
            session = machine.session
            name = machine.info.name
            if session is None or not session.attached:
                sentence = f"The machine '{name}' is not currently running."
            elif session.peer is None:
                pid = session.process.pid if session.process else 0
                sentence = f"The process {pid} of the machine '{name}' is not connected right now."
            else:
                return session.peer
        raise ApiError(ErrorCode.VBOX_E_INVALID_VM_STATE, sentence, "console")

    def require_holder(self, machine: Machine, peer: Peer) -> None:
        """Check that ``peer`` is the VM process of the machine.

        Raises:
            ApiError: ``VBOX_E_INVALID_SESSION_STATE``.
        """
        with machine.lock:
            self._session_of(machine, peer)

    def call_console(
        self, machine: Machine, method: str, params: msgspec.Raw, *, patience: float = 0.0
    ) -> msgspec.Raw:
        """Call the VM process and wait for its answer. On a worker thread, with no lock held.

        Args:
            machine: whose process.
            method: what is called.
            params: its parameters.
            patience: seconds that the answer may take longer than others.

        Raises:
            ApiError: What the VM process answered, or that it does not.
        """
        answers: queue.SimpleQueue[Answer] = queue.SimpleQueue()
        vm_process = self.require_console(machine)
        vm_process.call(method, params, answers.put, self._config.console_seconds + patience)
        answer = answers.get()
        if isinstance(answer, ApiError):
            raise answer
        return answer

    def peer_gone(self, machine: Machine, peer: Peer) -> None:
        """The connection of ``peer`` has ended; everything that it sent was obeyed."""
        with machine.lock:
            session = machine.session
            if session is not None and session.peer is peer:
                _logger.warning("%s, which runs '%s', hung up", peer, machine.info.name)
                session.peer = None
                machine.changed.notify_all()

    # -- watching ------------------------------------------------------------------------------

    def adopt(self, find_machine: Callable[[str], Machine | None]) -> None:
        """Take over the VM processes that an earlier service left. For the start of the service."""
        for record in self._records.read_all():
            machine = find_machine(record.machine_id)
            if machine is None:
                self._records.remove(record.machine_id)
                continue
            session = Session(
                machine, record.frontend, name=record.name, captured=record.captured
            )
            session.process = ProcessIdentity(record.pid, record.start_time)
            session.attached = record.attached
            with machine.lock:
                held = SessionState.LOCKED if record.attached else SessionState.SPAWNING
                if record.attached and not record.state.is_online:
                    held = SessionState.UNLOCKING
                machine.begin_session(session, held)
                machine.set_state(record.state, held)
                if is_alive(session.process):
                    _logger.info("'%s' is run by process %s", machine.info.name, record.pid)
                    self._watch(session, None)
                else:
                    self._died(session, None)

    def _watch(self, session: Session, child: subprocess.Popen[bytes] | None) -> None:
        with self._lock:
            self._live.add(session)

        def wait() -> None:
            returncode: int | None = None
            if child is not None:
                returncode = child.wait()
            elif session.process is not None:
                wait_for_exit(session.process, threading.Event())
            self._process_ended(session, returncode)

        threading.Thread(target=wait, name="watcher", daemon=True).start()

    def _process_ended(self, session: Session, returncode: int | None) -> None:
        machine = session.machine
        with machine.lock:
            # It may have detached with its last breath: let its reader finish first.
            machine.changed.wait_for(lambda: session.peer is None or session.ended, _DRAIN_SECONDS)
            if not session.ended:
                self._died(session, returncode)

    def _died(self, session: Session, returncode: int | None) -> None:
        """End a session whose process has ended without detaching. Needs the machine's lock."""
        machine = session.machine
        name = machine.info.name
        pid = session.process.pid if session.process else 0
        if session.given_up:
            self._end(session, session.state_before, session.error)
        elif not session.attached:
            sentence = f"The virtual machine '{name}' has {describe_exit(returncode)}."
            session.error = session.error or _with_tail(sentence, session)
            self._end(session, machine.state, session.error)
        elif machine.state.is_online:
            how = "" if returncode is None or returncode >= 0 else f" by signal {-returncode}"
            sentence = f"The process {pid} of the virtual machine '{name}' was ended{how}."
            session.error = _with_tail(sentence, session)
            self._end(session, _aborted(machine), session.error)
        else:
            self._end(session, machine.state, machine.last_error)
        _logger.warning("Process %s of '%s' ended without detaching: state %s",
                        pid, name, machine.state)  # fmt: skip

    def _end(self, session: Session, state: MachineState, error: str) -> None:
        machine = session.machine
        machine.end_session(session, state, error)
        try:
            self._records.remove(machine.id)
        except OSError as problem:
            _logger.error("The session record of '%s' stays: %s", machine.info.name, problem)
        with self._lock:
            self._live.discard(session)
        self._on_ended()

    def _record(self, session: Session) -> None:
        """Store what the next service must know. Needs the machine's lock."""
        process = session.process
        if process is None:
            return
        record = SessionRecord(
            machine_id=session.machine.id,
            pid=process.pid,
            start_time=process.start_time,
            attached=session.attached,
            captured=session.captured,
            state=session.machine.state,
            frontend=session.frontend,
            name=session.name,
        )
        try:
            self._records.write(record)
        except OSError as error:
            # The VM runs all the same; only a killed service would not find it again at once.
            _logger.error("The session of '%s' is not recorded: %s", session.machine.id, error)

    @staticmethod
    def _session_of(machine: Machine, peer: Peer) -> Session:
        session = machine.session
        if session is None or session.peer is not peer:
            raise ApiError(
                ErrorCode.VBOX_E_INVALID_SESSION_STATE,
                f"{peer} does not hold the machine '{machine.info.name}'.",
                "session",
            )
        return session


def _aborted(machine: Machine) -> MachineState:
    """What becomes of a machine whose process died; a state that was not resumed yet is kept."""
    try:
        saved = machine.settings.state_file
    except ApiError:
        saved = ""  # Nobody can read its settings any more; that must not keep it locked.
    if not saved:
        return MachineState.ABORTED
    if machine.state is MachineState.SAVING:
        return MachineState.SAVED  # the file was complete, and only the end was missing
    return MachineState.ABORTED_SAVED if machine.state in _COMING else MachineState.ABORTED


def _foreign_process(machine: Machine, session: Session, process: ProcessIdentity) -> ApiError:
    name = machine.info.name
    holder = session.process.pid if session.process else 0
    if session.attached:
        return ApiError(
            ErrorCode.VBOX_E_INVALID_OBJECT_STATE,
            f"The machine '{name}' is already locked for a session (or being unlocked): "
            f"process {holder} ({session.name}).",
            "session",
        )
    return ApiError(
        ErrorCode.E_ACCESSDENIED,
        f"An unexpected process (PID=0x{process.pid:08X}) has tried to lock the machine '{name}', "
        f"while only the process started by machine.launch (PID=0x{holder:08X}) is allowed.",
        "session",
    )


def _with_tail(sentence: str, session: Session) -> str:
    tail = output_tail(session.machine.log_folder) if session.captured else ""
    return f"{sentence}\n\nIt printed:\n{tail}" if tail else sentence
