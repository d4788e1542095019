"""Machines of an installed VirtualBox, offered for registration."""

from __future__ import annotations

from app.api.structs import ForeignMachineInfo
from app.service.dispatch import CallContext, Style, handler
from app.service.errors import from_settings_error
from app.settings.errors import SettingsError


@handler("virtualbox.list_foreign_machines", Style.WORKER)
def _list_foreign_machines(context: CallContext) -> list[ForeignMachineInfo]:
    # Reads many files of another program, which no other call of the service needs.
    from app.settings.importing import foreign_machines

    registry = context.service.registry
    try:
        found = foreign_machines(str(registry.settings_path))
    except SettingsError as error:
        raise from_settings_error(error, "virtualbox") from error
    return [
        ForeignMachineInfo(
            id=machine.uuid,
            name=machine.name,
            settings_path=machine.path,
            os_type_id=machine.os_type_id,
            registered=registry.get(machine.uuid) is not None,
            problem=machine.problem,
        )
        for machine in found
    ]
