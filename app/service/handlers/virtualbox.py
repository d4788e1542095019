"""``virtualbox``: registry, media and properties of the installation."""

from __future__ import annotations

import functools
import os

from app.api.copying import CleanupMode
from app.api.messages import PROTOCOL_VERSION
from app.api.structs import (
    MachineInfo,
    OsType,
    SystemProperties,
    VersionInfo,
)
from app.service import media
from app.service.dispatch import CallContext, Style, handler
from app.service.files import settings_file_at
from app.settings.guestos import os_types
from app.settings.model import MachineSettings


@handler("virtualbox.get_version", Style.WORKER)
def _get_version(context: CallContext) -> VersionInfo:
    # Its import takes longer than the rest of the call, and nobody needs it at the start.
    from app.version import version

    registry = context.service.registry
    return VersionInfo(
        version=version(),
        api_version=PROTOCOL_VERSION,
        pid=os.getpid(),
        home_folder=str(registry.home),
        settings_file=str(registry.settings_path),
    )


@handler("virtualbox.list_machines")
def _list_machines(context: CallContext) -> list[MachineInfo]:
    return [machine.info for machine in context.service.registry.machines()]


@handler("virtualbox.find_machine")
def _find_machine(context: CallContext, name_or_id: str) -> MachineInfo:
    return context.service.registry.find(name_or_id).info


@handler("virtualbox.compose_machine_filename")
def _compose_machine_filename(
    context: CallContext, name: str, base_folder: str | None, group: str
) -> str:
    return str(context.service.registry.compose_filename(name, base_folder, group))


@handler("virtualbox.create_machine", Style.WORKER)
def _create_machine(
    context: CallContext,
    name: str,
    os_type_id: str,
    base_folder: str | None,
    settings: MachineSettings | None,
    register: bool,
) -> MachineInfo:
    registry = context.service.registry
    return registry.create(name, os_type_id, base_folder, settings, register=register)


@handler("virtualbox.open_machine", Style.WORKER)
def _open_machine(context: CallContext, path: str) -> MachineInfo:
    file = settings_file_at(media.require_absolute(path, "virtualbox"))
    return context.service.registry.register(file).info


@handler("virtualbox.unregister_machine", Style.WORKER)
def _unregister_machine(
    context: CallContext,
    id: str,  # noqa: A002 - name on the wire
    delete_files: bool,
    cleanup: CleanupMode,
) -> list[str]:
    registry = context.service.registry
    if delete_files:
        context.begin_operation("Deleting machine files", cancelable=False)
    return registry.unregister(registry.find(id), delete=delete_files, cleanup=cleanup)


@handler("virtualbox.list_machine_files", Style.WORKER)
def _list_machine_files(
    context: CallContext, id: str, cleanup: CleanupMode  # noqa: A002 - name on the wire
) -> list[str]:
    registry = context.service.registry
    return [str(path) for path in registry.files_of(registry.find(id), cleanup)]


@functools.cache
def _os_types() -> list[OsType]:
    fields = OsType.__struct_fields__
    return [OsType(**{name: getattr(known, name) for name in fields}) for known in os_types()]


@handler("virtualbox.list_os_types")
def _list_os_types(_context: CallContext) -> list[OsType]:
    return _os_types()


@handler("virtualbox.get_system_properties")
def _get_system_properties(context: CallContext) -> SystemProperties:
    return context.service.registry.system_properties()


@handler("virtualbox.set_system_properties", Style.WORKER)
def _set_system_properties(
    context: CallContext,
    default_machine_folder: str | None,
    default_hard_disk_format: str | None,
    log_history_count: int | None,
    firmware_bios_path: str | None,
    firmware_vga_bios_path: str | None,
) -> SystemProperties:
    return context.service.registry.set_system_properties(
        default_machine_folder=default_machine_folder,
        default_hard_disk_format=default_hard_disk_format,
        log_history_count=log_history_count,
        firmware_bios_path=firmware_bios_path,
        firmware_vga_bios_path=firmware_vga_bios_path,
    )


@handler("virtualbox.get_extra_data")
def _get_extra_data(context: CallContext, key: str) -> str:
    return context.service.registry.extra_data(key)


@handler("virtualbox.list_extra_data")
def _list_extra_data(context: CallContext) -> dict[str, str]:
    return context.service.registry.all_extra_data()


@handler("virtualbox.set_extra_data", Style.WORKER)
def _set_extra_data(context: CallContext, key: str, value: str) -> None:
    context.service.registry.set_extra_data(key, value)
