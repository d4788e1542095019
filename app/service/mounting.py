"""Changing what is in a removable drive: in the running VM first, then in the settings."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from app.api.errors import ApiError, ErrorCode
from app.api.events import MediumChanged
from app.api.messages import pack
from app.api.structs import DeviceType
from app.service.errors import from_settings_error
from app.service.media import open_medium, require_absolute
from app.settings.errors import SettingsError
from app.settings.media import attach_medium
from app.settings.paths import relative_location
from app.settings.storage import MediaRegistry, RemovableImage

if TYPE_CHECKING:
    from app.service.dispatch import CallContext
    from app.service.machine import Machine
    from app.service.sessions import Sessions


def mount_medium(
    context: CallContext,
    machine: Machine,
    controller: str,
    port: int,
    device: int,
    path: str | None,
    *,
    force: bool,
) -> None:
    """Put an image into a removable drive or eject; see ``machine.mount_medium``.

    On a worker thread: looks at the image and asks the VM with no lock held.
    """
    with machine.lock:
        machine.require_editable_by(context.peer)
        device_type = _removable_type(machine, controller, port, device)
        runs = machine.session is not None
    image = None if path is None else _image_of(context, machine, path, device_type)
    if runs:
        call_mount(context.service.sessions, machine, controller, port, device, path, force=force)
    with machine.lock:
        before = machine.settings
        settings = copy.deepcopy(before)
        if image is not None:
            image = _known(settings.media, device_type, image)
        try:
            attach_medium(settings, controller, port, device, device_type, image)
        except SettingsError as error:
            raise from_settings_error(error, "machine") from error
        machine.write_settings(settings)
    context.service.media_changes.settle(before, settings)
    context.service.hub.fire(
        MediumChanged(id=machine.id, controller=controller, port=port, device=device)
    )


def call_mount(
    sessions: Sessions,
    machine: Machine,
    controller: str,
    port: int,
    device: int,
    path: str | None,
    *,
    force: bool,
) -> None:
    """Have the VM process change a medium. On a worker thread, with no lock held.

    Raises:
        ApiError: The VM refused, or does not answer.
    """
    params = {
        "id": machine.id,
        "controller": controller,
        "port": port,
        "device": device,
        "path": path,
        "force": force,
    }
    sessions.call_console(machine, "console.mount_medium", pack(params))


def _removable_type(machine: Machine, controller: str, port: int, device: int) -> DeviceType:
    found = machine.settings.hardware.controller(controller)
    drive = found.attachment(port, device) if found is not None else None
    if drive is None:
        raise ApiError(
            ErrorCode.VBOX_E_OBJECT_NOT_FOUND,
            f"The machine '{machine.info.name}' has no drive at port {port}, device {device} of "
            f"the controller '{controller}'.",
            "machine",
        )
    if drive.type not in (DeviceType.DVD, DeviceType.FLOPPY):
        raise ApiError(
            ErrorCode.E_INVALIDARG,
            f"The drive at port {port}, device {device} of '{controller}' is not removable.",
            "machine",
        )
    return DeviceType(drive.type)


def _image_of(
    context: CallContext, machine: Machine, path: str, device_type: DeviceType
) -> RemovableImage:
    file = str(require_absolute(path, "machine"))
    info = open_medium(file, device_type, cancelled=context.cancelled.is_set)
    return RemovableImage(uuid=info.id, location=relative_location(str(machine.folder), file))


def _known(
    media: MediaRegistry, device_type: DeviceType, image: RemovableImage
) -> RemovableImage:
    """The registered entry of this file, which may carry another UUID, else ``image``."""
    registered = media.dvd_images if device_type is DeviceType.DVD else media.floppy_images
    return next((each for each in registered if each.location == image.location), image)
