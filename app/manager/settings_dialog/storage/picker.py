"""Where the medium of a drive comes from: a file, the known media, a new image, a host's drive."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMenu, QWidget

from app.api.errors import ApiError
from app.api.structs import DeviceType as ApiDeviceType
from app.api.structs import HostDrive, MediumInfo
from app.common.icons import icon
from app.common.messages import show_error
from app.manager.settings_dialog.context import DialogContext
from app.manager.settings_dialog.storage import recent
from app.manager.settings_dialog.storage.new_disk_dialog import NewDiskDialog
from app.manager.widgets.file_picker import PickMode, new_file_dialog
from app.manager.words import DEVICE_TYPES, word
from app.settings.enums import DeviceType

_GIGABYTE: Final = 1 << 30

Use = Callable[[MediumInfo], None]


class MediumPicker(QObject):
    """Opens dialogs and asks the service; what was picked is handed to a function.

    Args:
        context: of the settings dialog.
        window: parent of dialogs.
    """

    def __init__(self, context: DialogContext, window: QWidget) -> None:
        super().__init__(window)
        self._context = context
        self._window = window
        self._host_drives: dict[DeviceType, list[HostDrive]] = {}
        recent.fetch(context.memory)
        for kind in (DeviceType.DVD, DeviceType.FLOPPY):
            self._fetch_host_drives(kind)

    def _fetch_host_drives(self, kind: DeviceType) -> None:
        def told(drives: list[HostDrive]) -> None:
            self._host_drives[kind] = drives

        params = {"device_type": ApiDeviceType(kind.value)}
        self._context.link.call(self, "virtualbox.list_host_drives", params, told)

    def fill(
        self,
        menu: QMenu,
        kind: DeviceType,
        use: Use,
        use_host_drive: Callable[[str], None] | None = None,
    ) -> None:
        """Put everything into MENU that can go into a drive of KIND.

        Args:
            menu: gets the actions.
            kind: kind of drive.
            use: gets the medium.
            use_host_drive: gets the path of a drive of the host; None: those are not offered.
        """
        choose = {
            DeviceType.HARD_DISK: self.tr("&Choose or create a hard disk…"),
            DeviceType.DVD: self.tr("&Choose an optical disk…"),
            DeviceType.FLOPPY: self.tr("&Choose or create a floppy disk…"),
        }[kind]
        menu.addAction(icon("search"), choose, lambda: self.choose_known(kind, use))
        menu.addAction(
            icon("choose-file"),
            self.tr("Choose a disk &file…"),
            lambda: self.choose_file(kind, use),
        )
        if kind is DeviceType.HARD_DISK:
            menu.addAction(
                icon("hard-disk-add"), self.tr("Create a &new disk…"), lambda: self.create_disk(use)
            )
        if use_host_drive is not None:
            for drive in self._host_drives.get(kind, ()):
                text = self.tr("Host drive {path}").format(path=drive.path)
                menu.addAction(
                    icon("optical" if kind is DeviceType.DVD else "floppy"),
                    f"{text} {drive.model}".rstrip(),
                    partial(use_host_drive, drive.path),
                )
        files = recent.recent_files(self._context.memory, kind)
        if files:
            menu.addSection(self.tr("Used recently"))
        for path in files:
            action = menu.addAction(
                Path(path).name.replace("&", "&&"),
                partial(self.open_file, path, kind, use),
            )
            action.setToolTip(path)

    def choose_known(self, kind: DeviceType, use: Use) -> QWidget:
        """Let a person choose among the known media."""
        from app.manager.media.selector import choose_medium

        settings = self._context.draft.settings
        attached = {
            drive.medium: self.tr("The machine has it in a drive already.")
            for controller in settings.hardware.storage_controllers
            for drive in controller.attachments
            if drive.medium and drive.type == DeviceType.HARD_DISK
        }
        return choose_medium(
            self._window,
            self._context.link,
            ApiDeviceType(kind.value),
            lambda medium: self._take(medium, kind, use),
            unavailable=attached if kind is DeviceType.HARD_DISK else None,
            folder=self._context.folder,
            stem=self._context.machine.name,
        )

    def choose_file(self, kind: DeviceType, use: Use) -> None:
        """Let a person choose an image file."""
        filters = {
            DeviceType.HARD_DISK: self.tr("Hard disk images (*.vdi *.img *.raw);;All files (*)"),
            DeviceType.DVD: self.tr("Optical images (*.iso *.cdr);;All files (*)"),
            DeviceType.FLOPPY: self.tr("Floppy images (*.img *.ima *.vfd *.flp);;All files (*)"),
        }[kind]
        title = self.tr("Choose a file for: {drive}").format(drive=word(DEVICE_TYPES, kind))
        dialog = new_file_dialog(self._window, PickMode.OPEN_FILE, title, filters)
        files = recent.recent_files(self._context.memory, kind)
        dialog.setDirectory(str(Path(files[0]).parent) if files else self._context.folder)
        dialog.fileSelected.connect(lambda path: self.open_file(path, kind, use))
        dialog.open()

    def open_file(self, path: str, kind: DeviceType, use: Use) -> None:
        """Have the service look at the image PATH, then hand it to USE."""

        def failed(error: ApiError) -> None:
            self._refuse(path, error.message)

        self._context.link.call(
            self,
            "virtualbox.open_medium",
            {"path": path, "device_type": ApiDeviceType(kind.value)},
            lambda medium: self._take(medium, kind, use),
            failed,
        )

    def _take(self, medium: MediumInfo, kind: DeviceType, use: Use) -> None:
        if medium.access_error:
            self._refuse(medium.path, medium.access_error)
            return
        recent.remember(self._context.memory, kind, medium.path)
        use(medium)

    def _refuse(self, path: str, reason: str) -> None:
        text = self.tr("{path} cannot be used.").format(path=path)
        show_error(self._window, self.tr("The image cannot be used"), f"{text}\n\n{reason}")

    def create_disk(self, use: Use) -> NewDiskDialog:
        """Open the dialog that creates a hard disk in the machine's folder."""
        context = self._context
        stem = Path(context.machine.settings_path).stem
        taken = len(context.draft.settings.media.hard_disks)
        name = f"{stem}.vdi" if not taken else f"{stem}_{taken}.vdi"
        os_type = context.link.os_type(context.draft.settings.os_type_id)
        size = os_type.recommended_disk_bytes if os_type else 2 * _GIGABYTE
        path = str(Path(context.folder) / name)
        dialog = NewDiskDialog(context.link, path, size, self._window)
        dialog.disk_created.connect(lambda medium: self._take(medium, DeviceType.HARD_DISK, use))
        dialog.open()
        return dialog
