"""Takes a medium out of the drives of all machines."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject

from app.api.errors import ApiError
from app.api.structs import DeviceType, MediumInfo, MediumUse
from app.manager.service_link import ServiceLink
from app.settings.media import detach_drive
from app.settings.model import MachineSettings

Slot = tuple[str, int, int]


class Release(QObject):
    """One release: machine by machine, until all are done or one refuses.

    Hard disks are detached with their drive; a removable image is ejected, and stays known.

    Args:
        link: calls the service.
        medium: what is released.
        done: called at the end.
        failed: gets why a machine keeps it.
        parent: owns this object, which deletes itself at the end.
    """

    def __init__(
        self,
        link: ServiceLink,
        medium: MediumInfo,
        done: Callable[[], None],
        failed: Callable[[str], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._link = link
        self._medium = medium
        self._done = done
        self._failed = failed
        self._uses = [use for use in medium.uses if use.attached]

    def start(self) -> None:
        """Begin; one of the callbacks is called later."""
        self._next()

    def _next(self) -> None:
        if self._uses:
            self._release_from(self._uses.pop(0))
        elif self._medium.device_type is DeviceType.HARD_DISK:
            self._finish()
        else:
            # Nobody uses it any more, so it would be forgotten.
            self._link.call(
                self,
                "virtualbox.open_medium",
                {
                    "path": self._medium.path,
                    "device_type": self._medium.device_type,
                    "register": True,
                },
                lambda _medium: self._finish(),
                # An image that is gone cannot be registered anew, and released it is.
                lambda _error: self._finish(),
            )

    def _release_from(self, use: MediumUse) -> None:
        def fail(error: ApiError) -> None:
            text = self.tr("The machine “{machine}” keeps it: {reason}")
            self._failed(text.format(machine=use.machine_name, reason=error.message))
            self.deleteLater()

        def got(base: MachineSettings) -> None:
            slots = _slots(base, self._medium.id)
            if self._medium.device_type is DeviceType.HARD_DISK:
                self._detach(use, base, slots, fail)
            else:
                self._eject(use, slots, fail)

        self._link.call(self, "machine.get_settings", {"id": use.machine_id}, got, fail)

    def _detach(
        self,
        use: MediumUse,
        base: MachineSettings,
        slots: list[Slot],
        fail: Callable[[ApiError], None],
    ) -> None:
        settings = copy.deepcopy(base)
        for controller, port, device in slots:
            detach_drive(settings, controller, port, device)
        params: dict[str, Any] = {"id": use.machine_id, "settings": settings, "base": base}
        self._link.call(self, "machine.save_settings", params, lambda _: self._next(), fail)

    def _eject(
        self, use: MediumUse, slots: list[Slot], fail: Callable[[ApiError], None]
    ) -> None:
        if not slots:
            self._next()
            return
        controller, port, device = slots[0]
        params: dict[str, Any] = {
            "id": use.machine_id, "controller": controller, "port": port, "device": device,
            "path": None,
        }  # fmt: skip
        self._link.call(
            self, "machine.mount_medium", params, lambda _: self._eject(use, slots[1:], fail), fail
        )

    def _finish(self) -> None:
        self._done()
        self.deleteLater()


def _slots(settings: MachineSettings, medium_id: str) -> list[Slot]:
    return [
        (controller.name, drive.port, drive.device)
        for controller in settings.hardware.storage_controllers
        for drive in controller.attachments
        if drive.medium == medium_id
    ]
