"""``shared_folder``: folders that are shared until the machine stops."""

from __future__ import annotations

from app.api.events import SharedFolderChanged
from app.service.dispatch import CallContext, handler
from app.settings.model import SharedFolder


@handler("shared_folder.list_transient")
def _list_transient(context: CallContext, id: str) -> list[SharedFolder]:  # noqa: A002
    service = context.service
    return service.transient_folders.all(service.registry.find(id))


@handler("shared_folder.add_transient")
def _add_transient(context: CallContext, id: str, folder: SharedFolder) -> None:  # noqa: A002
    service = context.service
    machine = service.registry.find(id)
    service.transient_folders.add(machine, folder)
    service.hub.fire(SharedFolderChanged(id=machine.id))


@handler("shared_folder.replace_transient")
def _replace_transient(
    context: CallContext, id: str, folder: SharedFolder  # noqa: A002
) -> None:
    service = context.service
    machine = service.registry.find(id)
    service.transient_folders.replace(machine, folder)
    service.hub.fire(SharedFolderChanged(id=machine.id))


@handler("shared_folder.remove_transient")
def _remove_transient(context: CallContext, id: str, name: str) -> None:  # noqa: A002
    service = context.service
    machine = service.registry.find(id)
    service.transient_folders.remove(machine, name)
    service.hub.fire(SharedFolderChanged(id=machine.id))
