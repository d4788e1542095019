"""``machine``: settings, locks and life of one machine."""

from __future__ import annotations

from app.api.messages import pack
from app.api.structs import LockType, MachineInfo
from app.service.dispatch import CallContext, Style, handler
from app.service.editing import save_settings, set_extra_data, set_groups
from app.service.mounting import mount_medium
from app.settings.model import MachineSettings


@handler("machine.get_settings")
def _get_settings(context: CallContext, id: str) -> MachineSettings:  # noqa: A002
    return context.service.registry.find(id).settings


@handler("machine.save_settings", Style.WORKER)
def _save_settings(
    context: CallContext,
    id: str,  # noqa: A002 - name on the wire
    settings: MachineSettings,
    base: MachineSettings | None,
    force_unplug: bool,
) -> None:
    machine = context.service.registry.find(id)
    save_settings(context, machine, settings, base, force_unplug=force_unplug)


@handler("machine.refresh", Style.WORKER)
def _refresh(context: CallContext, id: str) -> MachineInfo:  # noqa: A002
    machine = context.service.registry.find(id)
    machine.refresh()
    return machine.info


@handler("machine.lock")
def _lock(context: CallContext, id: str, lock_type: LockType) -> None:  # noqa: A002
    context.service.registry.find(id).lock_for(context.peer, lock_type)


@handler("machine.unlock")
def _unlock(context: CallContext, id: str) -> None:  # noqa: A002
    context.service.registry.find(id).unlock_for(context.peer)


@handler("machine.get_extra_data")
def _get_extra_data(context: CallContext, id: str, key: str) -> str:  # noqa: A002
    return context.service.registry.find(id).settings.extra_data.get(key, "")


@handler("machine.list_extra_data")
def _list_extra_data(context: CallContext, id: str) -> dict[str, str]:  # noqa: A002
    return context.service.registry.find(id).settings.extra_data


@handler("machine.set_extra_data", Style.WORKER)
def _set_extra_data(context: CallContext, id: str, key: str, value: str) -> None:  # noqa: A002
    machine = context.service.registry.find(id)
    set_extra_data(machine, context.peer, key, value, context.service.hub)


@handler("machine.set_groups", Style.WORKER)
def _set_groups(context: CallContext, id: str, groups: list[str]) -> None:  # noqa: A002
    set_groups(context.service.registry.find(id), context.peer, groups)


@handler("machine.launch", Style.WORKER, operation="Starting VM")
def _launch(
    context: CallContext, id: str, frontend: str, environment: list[str]  # noqa: A002
) -> None:
    registry = context.service.registry
    default = registry.settings.default_frontend
    machine = registry.find(id)
    context.service.snapshots.settle(machine, context.peer, context.progress)
    context.service.sessions.launch(context, machine, frontend, default, environment)


@handler("machine.save_state", Style.WORKER, operation="Saving the execution state")
def _save_state(context: CallContext, id: str) -> None:  # noqa: A002
    context.service.sessions.save_state(context, context.service.registry.find(id))


@handler("machine.show_window", Style.WORKER)
def _show_window(context: CallContext, id: str) -> None:  # noqa: A002
    machine = context.service.registry.find(id)
    context.service.sessions.call_console(machine, "console.show_window", pack({"id": machine.id}))


@handler("machine.mount_medium", Style.WORKER)
def _mount_medium(
    context: CallContext,
    id: str,  # noqa: A002 - name on the wire
    controller: str,
    port: int,
    device: int,
    path: str | None,
    force: bool,
) -> None:
    machine = context.service.registry.find(id)
    mount_medium(context, machine, controller, port, device, path, force=force)
