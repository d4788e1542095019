"""``machine``: copies of a machine, its place on disk, its logs."""

from __future__ import annotations

from app.api.copying import CloneMode, CloneOption
from app.api.structs import MachineInfo
from app.service import logs
from app.service.cloning import CloneRequest, clone_machine
from app.service.dispatch import CallContext, Style, handler
from app.service.moving import move_machine


@handler("machine.clone", Style.WORKER, operation="Cloning machine")
def _clone(
    context: CallContext,
    id: str,  # noqa: A002 - name on the wire
    name: str,
    mode: CloneMode,
    options: list[CloneOption],
    groups: list[str],
    base_folder: str | None,
    uuid: str | None,
    snapshot: str | None,
    register: bool,
) -> MachineInfo:
    request = CloneRequest(
        name=name,
        mode=mode,
        options=options,
        groups=groups,
        base_folder=base_folder,
        uuid=uuid,
        snapshot=snapshot,
        register=register,
    )
    return clone_machine(context, context.service.registry.find(id), request)


@handler("machine.move", Style.WORKER, operation="Moving machine")
def _move(context: CallContext, id: str, folder: str | None) -> MachineInfo:  # noqa: A002
    return move_machine(context, context.service.registry.find(id), folder)


@handler("machine.query_log_filename")
def _query_log_filename(context: CallContext, id: str, index: int) -> str:  # noqa: A002
    return logs.query_log_filename(context.service.registry.find(id), index)


@handler("machine.read_log", Style.WORKER)
def _read_log(context: CallContext, id: str, index: int, offset: int, size: int) -> bytes:  # noqa: A002
    return logs.read_log(context.service.registry.find(id), index, offset, size)
