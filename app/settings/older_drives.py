"""Drives of files older than 1.9: ``DVDDrive`` and ``FloppyDrive`` beside the controllers.

Such files keep only hard disks below their controllers. The optical drive is the master of the
secondary IDE channel, the floppy drive that of a floppy controller which the file does not name.
"""

from __future__ import annotations

from typing import Any

from lxml import etree

from app.settings import editing
from app.settings.document import local_name
from app.settings.enums import DeviceType, StorageBus
from app.settings.plan import FieldPlan
from app.settings.reader import Reader, Scope, older_form_reader
from app.settings.shapes import read_switch
from app.settings.storage import MediumAttachment, StorageController
from app.settings.writer import Owner, Writer, older_form_writer

DRIVES_BELOW_CONTROLLERS = 9
"""First version whose drives are all below their controllers."""

_NAMES = ("DVDDrive", "FloppyDrive")


@older_form_reader("old-drives")
def read_old_drives(
    reader: Reader, scope: Scope, plan: FieldPlan, controllers: list[Any]  # noqa: ARG001
) -> None:
    """Add the optical and the floppy drive of an older file to its controllers."""
    for element in _elements(scope):
        name = local_name(element)
        drive = _drive(reader, element, DeviceType.DVD if name == "DVDDrive" else DeviceType.FLOPPY)
        if name == "DVDDrive":
            _add_optical(controllers, drive)
        elif read_switch(reader, element, "enabled", absent=True):
            floppy = StorageController(name="Floppy Controller", type="I82078", port_count=1)
            floppy.attachments.append(drive)
            controllers.append(floppy)


@older_form_writer("old-drives")
def write_old_drives(writer: Writer, owner: Owner, plan: FieldPlan, values: list[Any]) -> bool:
    """Remove the older form when a drive changes or the version is raised."""
    old = _elements(writer.scope(owner))
    if not old:
        return True
    raised = writer.minor >= DRIVES_BELOW_CONTROLLERS > writer.was_minor
    if not raised:
        if values == writer.reader.items(writer.scope(owner), plan):
            return False
        writer.required = max(writer.required, DRIVES_BELOW_CONTROLLERS)
    for element in old:
        writer.remove(element)
    return True


def _elements(scope: Scope) -> list[etree._Element]:
    if scope.element is None:
        return []
    hardware = editing.child_at(scope.element, ("Hardware",))
    if hardware is None:
        return []
    return [element for name in _NAMES for element in editing.children(hardware, name)]


def _drive(reader: Reader, element: etree._Element, kind: DeviceType) -> MediumAttachment:
    drive = reader.struct(MediumAttachment, element)
    drive.type = kind.value
    drive.port = 1 if kind is DeviceType.DVD else 0
    return drive


def _add_optical(controllers: list[Any], drive: MediumAttachment) -> None:
    for controller in controllers:
        if controller.limits is not None and controller.limits.bus is StorageBus.IDE:
            if controller.attachment(drive.port, drive.device) is None:
                controller.attachments.append(drive)
            return
    controllers.append(
        StorageController(name="IDE Controller", type="PIIX4", attachments=[drive])
    )
