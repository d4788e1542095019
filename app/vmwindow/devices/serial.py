"""The menu of the serial ports: their host side is exchanged while the machine runs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QT_TRANSLATE_NOOP, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.common.dialog_buttons import button_box
from app.common.icons import icon
from app.common.translation import tr
from app.settings.enums import PortMode

if TYPE_CHECKING:
    from app.settings.hardware import HardwareSettings
    from app.settings.peripherals import SerialPort
    from app.vmwindow.devices.part_menu import PartMenu

_PATH_WIDTH: Final = 340


@dataclass(frozen=True)
class HostSide:
    """What a serial port can be connected to; texts are translated when shown (empty context).

    Attributes:
        mode: the port mode.
        text: caption of the menu's item; the ellipsis tells that a place is asked for.
        place: caption of the field for the place; empty when there is nothing to ask.
        example: what the place looks like.
        server: caption of the switch for the port's side; empty when there is one side only.
        is_file: the place can be chosen among files.
    """

    mode: PortMode
    text: str
    place: str = ""
    example: str = ""
    server: str = ""
    is_file: bool = False


HOST_SIDES: Final = (
    HostSide(PortMode.DISCONNECTED, str(QT_TRANSLATE_NOOP("", "&Disconnected"))),
    HostSide(
        PortMode.HOST_PIPE,
        str(QT_TRANSLATE_NOOP("", "Host &Pipe…")), str(QT_TRANSLATE_NOOP("", "&Pipe:")),
        "/run/user/1000/com1",
        str(QT_TRANSLATE_NOOP("", "&Create the pipe instead of connecting to it")),
    ),
    HostSide(
        PortMode.HOST_DEVICE,
        str(QT_TRANSLATE_NOOP("", "Host D&evice…")), str(QT_TRANSLATE_NOOP("", "&Device:")),
        "/dev/ttyS0", is_file=True,
    ),
    HostSide(
        PortMode.RAW_FILE,
        str(QT_TRANSLATE_NOOP("", "Raw &File…")), str(QT_TRANSLATE_NOOP("", "&File:")),
        "/home/me/com1.log", is_file=True,
    ),
    HostSide(
        PortMode.TCP,
        str(QT_TRANSLATE_NOOP("", "&TCP…")), str(QT_TRANSLATE_NOOP("", "&Address:")),
        "localhost:2023",
        str(QT_TRANSLATE_NOOP("", "&Wait for a connection (the address is a port alone)")),
    ),
)  # fmt: skip


def _ports(hardware: HardwareSettings) -> list[SerialPort]:
    return [port for port in hardware.serial_ports if port.enabled]


def no_serial_ports(hardware: HardwareSettings) -> str:
    """Return why there is no menu of serial ports, or an empty text."""
    return "" if _ports(hardware) else tr("The machine has no serial port.")


def fill_serial_ports(menu: PartMenu) -> None:
    """Add a menu for each serial port of the machine."""
    sides = [(side.mode.value, tr(side.text)) for side in HOST_SIDES]
    for port in _ports(menu.hardware):
        title = tr("Port &{n}").format(n=port.slot + 1)
        if port.path and port.mode != PortMode.DISCONNECTED:
            title += f": {port.path}".replace("&", "&&")
        own = menu.menu.addMenu(title)
        own.setToolTipsVisible(True)
        menu.add_choices(own, sides, port.mode, partial(_chosen, menu, port))


def _chosen(menu: PartMenu, port: SerialPort, mode: str) -> None:
    side = next(each for each in HOST_SIDES if each.mode == mode)
    if not side.place:
        _connect(menu, port.slot, side.mode, port.path, port.server)
        return
    dialog = PlaceDialog(port, side, menu.window)
    dialog.chosen.connect(partial(_connect, menu, port.slot, side.mode))
    dialog.open()


def _connect(menu: PartMenu, slot: int, mode: PortMode, path: str, server: bool) -> None:
    def change(hardware: HardwareSettings) -> None:
        for port in hardware.serial_ports:
            if port.slot == slot:
                port.mode, port.path, port.server = mode.value, path, server

    menu.change(change)


class PlaceDialog(QDialog):
    """Asks for the pipe, device, file or address that a port is connected to.

    Args:
        port: as it is now.
        side: what it shall be connected to.
        parent: the window.

    Signals:
        chosen(str, bool): the place, and whether the port is the server.
    """

    chosen = Signal(str, bool)

    def __init__(self, port: SerialPort, side: HostSide, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Serial Port {n}").format(n=port.slot + 1))
        known = port.mode == side.mode
        self.place = QLineEdit(port.path if known else "")
        self.place.setPlaceholderText(self.tr("such as {place}").format(place=side.example))
        self.place.setMinimumWidth(_PATH_WIDTH)
        self.server = QCheckBox(tr(side.server))
        self.server.setChecked(known and port.server)
        self.server.setVisible(bool(side.server))
        self._buttons = button_box(
            self, QDialogButtonBox.StandardButton.Ok, QDialogButtonBox.StandardButton.Cancel
        )
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        self._lay_out(side)
        self.place.textChanged.connect(self._show_ready)
        self._show_ready()
        self.accepted.connect(self._tell)

    def _lay_out(self, side: HostSide) -> None:
        row = QHBoxLayout()
        row.addWidget(self.place)
        if side.is_file:
            browse = QToolButton()
            browse.setIcon(icon("choose-file"))
            browse.setToolTip(self.tr("Choose a file"))
            browse.setAccessibleName(browse.toolTip())
            browse.clicked.connect(self._browse)
            row.addWidget(browse)
        label = QLabel(tr(side.place))
        label.setBuddy(self.place)
        form = QFormLayout()
        form.addRow(label, row)
        if side.server:
            form.addRow("", self.server)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(self._buttons)

    def _browse(self) -> None:
        dialog = QFileDialog(self, self.tr("Choose a File for the Serial Port"), self.place.text())
        # It may be one that does not exist yet.
        dialog.setFileMode(QFileDialog.FileMode.AnyFile)
        dialog.finished.connect(dialog.deleteLater)
        dialog.fileSelected.connect(self.place.setText)
        dialog.open()

    def _show_ready(self) -> None:
        ready = bool(self.place.text().strip())
        self._buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(ready)

    def _tell(self) -> None:
        self.chosen.emit(self.place.text().strip(), self.server.isChecked())
