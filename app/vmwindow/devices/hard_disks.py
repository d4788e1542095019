"""The menu of the hard disks: on some controllers they come and go while the machine runs."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QT_TRANSLATE_NOOP

from app.common.icons import icon
from app.common.translation import tr
from app.console.plugging import free_port, plug_hard_disk, unplug_drive
from app.settings.enums import DeviceType
from app.settings.hotplug import is_hot_pluggable
from app.vmwindow import confirm
from app.vmwindow.devices.part_menu import PartMenu, PartSpec
from app.vmwindow.drive_menu import file_dialog

if TYPE_CHECKING:
    from app.console.media import DriveSlot
    from app.settings.hardware import HardwareSettings
    from app.vmwindow.window import VmWindow


def hard_disks(window: VmWindow) -> PartSpec:
    """Return the declaration of the menu."""
    return PartSpec(
        str(QT_TRANSLATE_NOOP("", "&Hard Disks")), "hard-disk", _always_opens,
        partial(_fill, window),
        settings=str(QT_TRANSLATE_NOOP("", "Hard Disk &Settings…")), page="storage",
    )  # fmt: skip


def _always_opens(_hardware: HardwareSettings) -> str:
    """Without a disk there is still the item that plugs one in."""
    return ""


def _fill(window: VmWindow, menu: PartMenu) -> None:
    drives = window.console.drives
    disks = [slot for slot in drives if slot.type is DeviceType.HARD_DISK]
    for slot in sorted(disks, key=lambda each: each.place):
        medium = drives.medium(slot)
        if medium is not None:
            _add_disk(window, menu, slot, Path(medium.path))
    if not disks:
        menu.add_note(tr("The machine has no hard disk."))
    menu.menu.addSeparator()
    plug = menu.menu.addAction(icon("hard-disk-add"), tr("&Plug In a Hard Disk…"))
    room = free_port(menu.hardware) is not None
    plug.setEnabled(room)
    if not room:
        plug.setToolTip(
            tr("The machine has no SATA, USB or virtio-blk controller with a free port.")
        )
    plug.triggered.connect(lambda _checked=False: _choose(window, menu))


def _add_disk(window: VmWindow, menu: PartMenu, slot: DriveSlot, path: Path) -> None:
    caption = f"{slot.label}: {path.name}"
    controller = menu.hardware.controller(slot.controller)
    drive = controller.attachment(slot.port, slot.device) if controller is not None else None
    if controller is None or drive is None or not is_hot_pluggable(controller, drive):
        why = tr("The disk is not hot-pluggable: it stays while the machine runs.")
        menu.add_note(caption, f"{why}\n{path}")
        return
    inner = menu.menu.addMenu(caption.replace("&", "&&"))
    inner.setToolTipsVisible(True)
    unplug = inner.addAction(icon("attachment-remove"), tr("&Unplug"))
    unplug.setToolTip(str(path))
    command = partial(unplug_drive, window.console, slot)
    unplug.triggered.connect(
        lambda _checked=False: confirm.ask_unplug(window, caption, partial(menu.run, command))
    )


def _choose(window: VmWindow, menu: PartMenu) -> None:
    folder = window.console.start_info.machine_folder
    files = tr("Hard disk images (*.vdi *.vmdk *.vhd *.qcow2 *.qed *.hdd *.img);;All files (*)")
    dialog = file_dialog(window, tr("Choose a Hard Disk"), folder, files)
    dialog.fileSelected.connect(
        lambda path: menu.run(partial(plug_hard_disk, window.console, Path(path)))
    )
    dialog.open()
