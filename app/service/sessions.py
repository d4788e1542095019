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
from app.api.structs import MachineState, SessionState
from app.service.machine import Machine, Session
from app.service.processes import (
    ProcessIdentity,
    describe_exit,
    identify,
    is_alive,
    wait_for_exit,
)
from app.service.records import SessionRecord, SessionRecords
from app.service.spawn import check_frontend, output_tail, spawn_vm

if TYPE_CHECKING:
    from pathlib import Path

    from app.service.config import ServiceConfig
    from app.service.peer import Answer, Peer

_logger = logging.getLogger(__name__)

_DRAIN_SECONDS: Final = 2.0
"""How long what a dead process had sent may take to be read."""


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

    def launch(self, machine: Machine, frontend: str, peer: Peer) -> None:
        """Start the machine and wait until it runs.

        Raises:
            ApiError: As ``machine.launch`` tells.
        """
        check_frontend(frontend)
        with machine.lock:
            machine.require_accessible()
            machine.require_unlocked()
            session = Session(machine, frontend, name=frontend, captured=True)
            machine.begin_session(session, SessionState.SPAWNING)
            log_folder = machine.log_folder
        try:
            process = spawn_vm(
                self._config.vm_command,
                machine.id,
                frontend,
                home=self._home,
                log_folder=log_folder,
                environment=peer.environment,
            )
        except ApiError as error:
            with machine.lock:
                machine.end_session(session, machine.state, error.message)
            raise
        _logger.info("Launched VM: %s pid: %s (0x%x) frontend: %s name: %s",
                     machine.id, process.pid, process.pid, frontend, machine.info.name)  # fmt: skip
        with machine.lock:
            # The child is ours and not reaped yet, so that its number cannot be another's.
            session.process = identify(process.pid) or ProcessIdentity(process.pid, "")
            self._record(session)
            machine.changed.notify_all()
        self._watch(session, process)
        self._wait_until_running(machine, session, process)

    def _wait_until_running(
        self, machine: Machine, session: Session, process: subprocess.Popen[bytes]
    ) -> None:
        seconds = self._config.attach_seconds
        with machine.lock:
            machine.changed.wait_for(lambda: session.attached or session.ended, seconds)
            if not session.attached and not session.ended:
                sentence = (
                    f"The virtual machine '{machine.info.name}' did not come up within "
                    f"{seconds:g} s; its process {process.pid} was ended."
                )
                session.error = _with_tail(sentence, session)
                process.kill()
                raise ApiError(ErrorCode.VBOX_E_TIMEOUT, session.error, "machine")
            machine.changed.wait_for(
                lambda: session.ended or machine.state is not MachineState.STARTING, seconds
            )
            if session.error:
                raise ApiError(ErrorCode.VBOX_E_VM_ERROR, session.error, "machine")

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
                holder = session.process.pid if session.process else 0
                raise ApiError(
                    ErrorCode.VBOX_E_INVALID_OBJECT_STATE,
                    f"The machine '{machine.info.name}' is already locked by process {holder}.",
                    "session",
                )
            session.peer = peer
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
            machine.set_state(state, SessionState.LOCKED)
            self._record(session)
        _logger.info("'%s': machine state changed to '%s'", machine.info.name, state)

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

    def call_console(self, machine: Machine, method: str, params: msgspec.Raw) -> msgspec.Raw:
        """Call the VM process and wait for its answer. On a worker thread, with no lock held.

        Raises:
            ApiError: What the VM process answered, or that it does not.
        """
        answers: queue.SimpleQueue[Answer] = queue.SimpleQueue()
        vm_process = self.require_console(machine)
        vm_process.call(method, params, answers.put, self._config.console_seconds)
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
        if not session.attached:
            sentence = f"The virtual machine '{name}' has {describe_exit(returncode)}."
            session.error = session.error or _with_tail(sentence, session)
            self._end(session, machine.state, session.error)
        elif machine.state.is_online:
            how = "" if returncode is None or returncode >= 0 else f" by signal {-returncode}"
            sentence = f"The process {pid} of the virtual machine '{name}' was ended{how}."
            session.error = _with_tail(sentence, session)
            self._end(session, MachineState.ABORTED, session.error)
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


def _with_tail(sentence: str, session: Session) -> str:
    tail = output_tail(session.machine.log_folder) if session.captured else ""
    return f"{sentence}\n\nIt printed:\n{tail}" if tail else sentence
