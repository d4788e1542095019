"""Creates the machine of a draft step by step through the service, and undoes a failure."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.api.errors import ApiError, ErrorCode
from app.api.qtclient import QtCall
from app.api.structs import DeviceType, MachineInfo, MediumInfo, MediumVariant
from app.manager.service_link import ServiceLink
from app.manager.storage_edit import insert_medium
from app.manager.wizard.draft import DiskChoice, MachineDraft
from app.settings import enums
from app.settings.model import MachineSettings


class MachineCreator(QObject):
    """One attempt to create a machine; ends with exactly one of its last three signals.

    Signals:
        progressed(str, int): what is being done and per cent (-1: unknown).
        created(object): the MachineInfo.
        failed(str): why not; nothing is left behind, or the sentence says what.
        cancelled(): it was given up on request; nothing is left behind.
    """

    progressed = Signal(str, int)
    created = Signal(object)
    failed = Signal(str)
    cancelled = Signal()

    def __init__(self, link: ServiceLink, draft: MachineDraft, parent: QObject) -> None:
        super().__init__(parent)
        self._link = link
        self._draft = draft
        self._machine: MachineInfo | None = None
        self._media: list[tuple[enums.DeviceType, MediumInfo]] = []
        self._new_disk = ""
        self._cancel_wanted = False
        self._cancellable: QtCall | None = None

    def start(self) -> None:
        """Begin; returns at once."""
        draft = self._draft
        self.progressed.emit(self.tr("Creating the machine…"), -1)
        self._call(
            "virtualbox.create_machine",
            {
                "name": draft.name,
                "os_type_id": draft.os_type.id,
                "base_folder": draft.base_folder,
            },
            self._on_machine_created,
        )

    def cancel(self) -> None:
        """Give up; ``cancelled`` follows when everything has been undone."""
        self._cancel_wanted = True
        if self._cancellable is not None:
            self.progressed.emit(self.tr("Cancelling…"), -1)
            self._cancellable.cancel()

    def _on_machine_created(self, machine: MachineInfo) -> None:
        self._machine = machine
        draft = self._draft
        if draft.disk is DiskChoice.CREATE:
            variant = MediumVariant.FIXED if draft.disk_fixed else MediumVariant.STANDARD
            text = self.tr("Creating the hard disk…")
            self.progressed.emit(text, 0)
            self._cancellable = self._call(
                "virtualbox.create_medium",
                {
                    "path": draft.new_disk_path,
                    "size_bytes": draft.disk_bytes,
                    "format": draft.disk_format,
                    "variant": variant,
                    "register": True,
                },
                self._on_disk_created,
                lambda percent, _description: self.progressed.emit(text, percent),
            )
        elif draft.disk is DiskChoice.EXISTING:
            self._open_medium(draft.disk_path, enums.DeviceType.HARD_DISK)
        else:
            self._open_iso()

    def _on_disk_created(self, medium: MediumInfo) -> None:
        self._new_disk = medium.id
        self._on_medium(enums.DeviceType.HARD_DISK, medium)

    def _open_medium(self, path: str, device_type: enums.DeviceType) -> None:
        self.progressed.emit(self.tr("Opening {path}…").format(path=path), -1)
        self._call(
            "virtualbox.open_medium",
            {"path": path, "device_type": DeviceType(device_type.value)},
            lambda medium: self._on_medium(device_type, medium),
        )

    def _on_medium(self, device_type: enums.DeviceType, medium: MediumInfo) -> None:
        self._cancellable = None
        self._media.append((device_type, medium))
        if device_type is enums.DeviceType.HARD_DISK:
            self._open_iso()
        else:
            self._fetch_settings()

    def _open_iso(self) -> None:
        if self._draft.iso_path:
            self._open_medium(self._draft.iso_path, enums.DeviceType.DVD)
        else:
            self._fetch_settings()

    def _fetch_settings(self) -> None:
        assert self._machine is not None
        self.progressed.emit(self.tr("Writing the settings…"), -1)
        self._call("machine.get_settings", {"id": self._machine.id}, self._save_settings)

    def _save_settings(self, base: MachineSettings) -> None:
        assert self._machine is not None
        settings = copy.deepcopy(base)
        hardware, draft = settings.hardware, self._draft
        hardware.memory_mb = draft.memory_mb
        hardware.cpu.count = draft.cpu_count
        firmware = enums.FirmwareType.EFI if draft.efi else enums.FirmwareType.BIOS
        hardware.firmware.type = firmware.value
        # More than one processor needs the interrupts of an I/O APIC.
        hardware.firmware.ioapic = hardware.firmware.ioapic or draft.cpu_count > 1
        folder = str(Path(self._machine.settings_path).parent)
        for device_type, medium in self._media:
            insert_medium(settings, folder, device_type, medium)
        self._call(
            "machine.save_settings",
            {"id": self._machine.id, "settings": settings, "base": base},
            lambda _none: self.created.emit(self._machine),
        )

    def _call(
        self,
        method: str,
        params: dict[str, Any],
        done: Callable[[Any], None],
        progress: Callable[[int, str], None] | None = None,
    ) -> QtCall:
        def succeeded(result: Any) -> None:
            if self._cancel_wanted:
                if isinstance(result, MachineInfo):
                    self._machine = result
                if method == "virtualbox.create_medium":
                    self._new_disk = result.id
                self._undo("")
            else:
                done(result)

        def failed(error: ApiError) -> None:
            self._undo("" if error.code is ErrorCode.E_ABORT else error.message)

        return self._link.call(self, method, params, succeeded, failed, progress)

    def _undo(self, reason: str) -> None:
        """Remove what was made; REASON is empty when that was asked for."""
        if self._machine is None:
            self._end(reason)
            return
        machine, self._machine = self._machine, None
        self.progressed.emit(self.tr("Removing what was made…"), -1)

        def failed(error: ApiError) -> None:
            rest = self.tr(
                "What had been made could not be removed: {error} See {folder}."
            ).format(error=error.message, folder=Path(machine.settings_path).parent)
            self.failed.emit(f"{reason} {rest}".strip())

        def unregister(_answer: object = None) -> None:
            self._link.call(
                self,
                "virtualbox.unregister_machine",
                {"id": machine.id, "delete_files": True},
                lambda _files: self._end(reason),
                failed,
            )

        if self._new_disk:
            self._link.call(
                self, "medium.delete_storage", {"id": self._new_disk}, unregister, failed
            )
        else:
            unregister()

    def _end(self, reason: str) -> None:
        if reason:
            self.failed.emit(reason)
        else:
            self.cancelled.emit()
