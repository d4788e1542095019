"""``session``: what VM processes tell about themselves.

All of it runs on the reader thread of the VM process's connection, so that its reports are obeyed
in the order in which it made them, and before the end of the connection is noticed.
"""

from __future__ import annotations

from app.api.errors import ApiError, ErrorCode
from app.api.events import RuntimeError as RuntimeErrorEvent
from app.api.events import VrdeServerChanged, VrdeServerInfoChanged
from app.api.structs import MachineState, VmStartInfo
from app.service import savedstate
from app.service.dispatch import CallContext, handler


@handler("session.attach_vm")
def _attach_vm(
    context: CallContext, id: str, pid: int, state: MachineState  # noqa: A002
) -> VmStartInfo:
    if pid != context.peer.pid:
        raise ApiError(
            ErrorCode.E_INVALIDARG,
            f"The caller is process {context.peer.pid}, not {pid}.",
            "session",
        )
    service = context.service
    machine = service.registry.find(id)
    service.sessions.attach(machine, context.peer, state)
    service.update_idle()
    machine.log_folder.mkdir(parents=True, exist_ok=True)
    settings = machine.settings
    session = machine.session
    return VmStartInfo(
        id=machine.id,
        name=machine.info.name,
        settings_path=str(machine.path),
        machine_folder=str(machine.folder),
        log_folder=str(machine.log_folder),
        snapshot_folder=str(machine.folder / settings.snapshot_folder),
        properties=service.registry.system_properties(),
        frontend=session.frontend if session is not None else "gui",
        state_file=savedstate.file_to_restore(machine),
    )


@handler("session.report_state")
def _report_state(
    context: CallContext, id: str, state: MachineState, error: str | None  # noqa: A002
) -> None:
    machine = context.service.registry.find(id)
    context.service.sessions.report_state(machine, context.peer, state, error)


@handler("session.report_runtime_error")
def _report_runtime_error(
    context: CallContext, id: str, fatal: bool, error_id: str, message: str  # noqa: A002
) -> None:
    machine = context.service.registry.find(id)
    context.service.sessions.require_holder(machine, context.peer)
    context.service.hub.fire(
        RuntimeErrorEvent(id=machine.id, fatal=fatal, error_id=error_id, message=message)
    )


@handler("session.report_remote_display")
def _report_remote_display(context: CallContext, id: str, server: bool) -> None:  # noqa: A002
    machine = context.service.registry.find(id)
    context.service.sessions.require_holder(machine, context.peer)
    kind = VrdeServerChanged if server else VrdeServerInfoChanged
    context.service.hub.fire(kind(id=machine.id))


@handler("session.report_progress")
def _report_progress(
    context: CallContext, id: str, percent: int, description: str  # noqa: A002
) -> None:
    machine = context.service.registry.find(id)
    context.service.sessions.report_progress(machine, context.peer, percent, description)


@handler("session.report_saved_state")
def _report_saved_state(context: CallContext, id: str, path: str) -> None:  # noqa: A002
    machine = context.service.registry.find(id)
    context.service.sessions.require_holder(machine, context.peer)
    savedstate.note(machine, path)


@handler("session.detach_vm")
def _detach_vm(context: CallContext, id: str) -> None:  # noqa: A002
    context.service.sessions.detach(context.service.registry.find(id), context.peer)
