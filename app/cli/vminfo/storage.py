"""Storage controllers and what is in their slots."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.cli.output import on_off
from app.cli.vminfo.words import STORAGE_CONTROLLERS
from app.settings.model import DeviceType

if TYPE_CHECKING:
    from app.cli.vminfo import Subject
    from app.cli.vminfo.writer import InfoWriter
    from app.settings.model import MediumAttachment, StorageController


def print_storage(out: InfoWriter, subject: Subject) -> None:
    """All controllers; for scripts, all slots after all controllers."""
    controllers = subject.settings.hardware.storage_controllers
    if not controllers:
        out.caption("Storage Controllers", "<none>")
        return
    out.human("Storage Controllers:")
    for number, controller in enumerate(controllers):
        _print_controller(out, number, controller)
        if not out.machine_readable:
            _print_drives(out, subject, controller)
    if out.machine_readable:
        for controller in controllers:
            _print_slots(out, subject, controller)


def _print_controller(out: InfoWriter, number: int, controller: StorageController) -> None:
    limits = controller.limits
    most = limits.max_ports if limits is not None else controller.port_count
    model = STORAGE_CONTROLLERS.get(controller.type, controller.type)
    out.script(f"storagecontrollername{number}", controller.name)
    out.script(f"storagecontrollertype{number}", model)
    out.script(f"storagecontrollerinstance{number}", str(controller.instance))
    out.script(f"storagecontrollermaxportcount{number}", str(most))
    out.script(f"storagecontrollerportcount{number}", str(controller.port_count))
    out.script(f"storagecontrollerbootable{number}", on_off(controller.bootable))
    bootable = "Bootable" if controller.bootable else "Not bootable"
    out.human(
        f"#{number}: '{controller.name}', Type: {model}, Instance: {controller.instance}, "
        f"Ports: {controller.port_count} (max {most}), {bootable}"
    )


def _print_slots(out: InfoWriter, subject: Subject, controller: StorageController) -> None:
    """Every slot of a controller, for scripts."""
    limits = controller.limits
    devices = limits.devices_per_port if limits is not None else 1
    for port in range(controller.port_count):
        for device in range(devices):
            drive = controller.attachment(port, device)
            slot = f"{port}-{device}"
            if drive is None:
                _print_key(out, controller, "", slot, "none")
            else:
                _print_slot(out, subject, controller, drive)


def _print_slot(
    out: InfoWriter, subject: Subject, controller: StorageController, drive: MediumAttachment
) -> None:
    slot = f"{drive.port}-{drive.device}"
    _print_key(out, controller, "", slot, _medium_path(subject, drive) or "emptydrive")
    if drive.medium:
        _print_key(out, controller, "ImageUUID-", slot, drive.medium)
    if drive.type == DeviceType.HARD_DISK:
        _print_key(out, controller, "hot-pluggable-", slot, on_off(drive.hotpluggable))
        _print_key(out, controller, "nonrotational-", slot, on_off(drive.non_rotational))
        _print_key(out, controller, "discard-", slot, on_off(drive.discard))
        return
    if drive.host_drive:
        _print_key(out, controller, "dvdpassthrough-", slot, on_off(drive.passthrough))
    if drive.medium or drive.host_drive:
        _print_key(out, controller, "tempeject-", slot, on_off(drive.temp_eject))
    # A medium that the guest ejects leaves the settings, so what is in a drive is not ejected.
    _print_key(out, controller, "IsEjected-", slot, on_off(value=False))


def _print_key(
    out: InfoWriter, controller: StorageController, what: str, slot: str, value: str
) -> None:
    name = controller.name.replace("\\", "\\\\").replace('"', '\\"')
    out.script(f'"{name}-{what}{slot}"', value)


def _print_drives(out: InfoWriter, subject: Subject, controller: StorageController) -> None:
    """The drives of a controller, for people."""
    for drive in sorted(controller.attachments, key=lambda each: (each.port, each.device)):
        start = f"  Port {drive.port}, Unit {drive.device}:"
        path = _medium_path(subject, drive)
        if path is None:
            out.human(f"{start} Empty")
            continue
        traits = [
            word
            for word, holds in (
                ("passthrough enabled", drive.passthrough),
                ("temp eject", drive.temp_eject),
                ("hot-pluggable", drive.hotpluggable),
                ("SSD", drive.non_rotational),
                ("discard", drive.discard),
            )
            if holds
        ]
        identity = f"UUID: {drive.medium}" if drive.medium else "Host drive"
        out.human(", ".join([f"{start} {identity}", *traits]))
        out.human(f'    Location: "{path}"')


def _medium_path(subject: Subject, drive: MediumAttachment) -> str | None:
    """Where the medium in a drive is; None for an empty drive."""
    if drive.host_drive:
        return drive.host_drive
    return subject.media[drive.medium] if drive.medium else None
