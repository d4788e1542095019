"""What the right side shows when there are no details: welcome, many machines, a broken one."""

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.api.structs import MachineInfo
from app.common.icons import icon, os_icon, picture
from app.manager.states import state_look
from app.manager.tool import ToolPane, Workspace


class WelcomePane(ToolPane):
    """Greets, and offers the first steps as large buttons."""

    _PICTURE = 160

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._link = workspace.link
        self._reason = ""
        image = QLabel(self)
        image.setPixmap(picture("welcome", self._PICTURE, self.devicePixelRatioF()))
        self._title = QLabel(self)
        font = QFont(self._title.font())
        font.setPointSizeF(font.pointSizeF() * 1.6)
        font.setBold(True)
        self._title.setFont(font)
        self._text = QLabel(self)
        self._text.setWordWrap(True)
        self._text.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self._text.setMaximumWidth(520)
        buttons = QHBoxLayout()
        buttons.setSpacing(12)
        for name in ("new", "add", "preferences"):
            button = QToolButton(self)
            button.setDefaultAction(workspace.actions[name])
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
            button.setIconSize(QSize(32, 32))
            button.setAutoRaise(True)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setMinimumWidth(96)
            buttons.addWidget(button)
        buttons.addStretch(1)
        texts = QVBoxLayout()
        texts.setSpacing(12)
        texts.addWidget(self._title)
        texts.addWidget(self._text)
        texts.addLayout(buttons)
        texts.addStretch(1)
        upper = QHBoxLayout()
        upper.setSpacing(28)
        upper.addWidget(image, 0, Qt.AlignmentFlag.AlignTop)
        upper.addLayout(texts, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(36, 36, 24, 24)
        layout.addLayout(upper)
        layout.addStretch(1)
        self._link.connection_changed.connect(self._on_connection_changed)
        for changed in (self._link.model.rowsInserted, self._link.model.rowsRemoved):
            changed.connect(self._show_state)
        self._link.machines_loaded.connect(self._show_state)
        self._show_state()

    def _on_connection_changed(self, _connected: bool, reason: str) -> None:
        self._reason = reason
        self._show_state()

    def _show_state(self) -> None:
        """Say what can be done next, or why nothing can."""
        connected, machines = self._link.is_connected, self._link.model.rowCount()
        reason = self._reason
        self._title.setText(self.tr("Welcome to Vitrine"))
        if connected and machines:
            text = self.tr(
                "Select a machine in the list to see what it is made of, to start it or to change "
                "its settings."
            )
        elif connected:
            text = self.tr(
                "The list at the left shows the virtual machines on this computer. It is empty "
                "because you have not created any yet.\n\n"
                "New guides you through creating one; Add takes over a machine that exists as a "
                ".vbox file."
            )
        elif reason:
            text = self.tr(
                "Vitrine's service does not answer, so the machines cannot be shown:\n{reason}\n\n"
                "Vitrine keeps trying to reach it."
            ).format(reason=reason)
        else:
            text = self.tr("Reading the list of machines…")
        self._text.setText(text)


class InaccessiblePane(QWidget):
    """Why a machine's settings cannot be read, and what can be done.

    Signals:
        refresh_requested(): try to read the settings again.
        remove_requested(): take the machine out of the list.
    """

    refresh_requested = Signal()
    remove_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        image = QLabel(self)
        image.setPixmap(picture("state-inaccessible", 32, self.devicePixelRatioF()))
        self._title = QLabel(self)
        font = QFont(self._title.font())
        font.setPointSizeF(font.pointSizeF() * 1.25)
        font.setBold(True)
        self._title.setFont(font)
        self._title.setWordWrap(True)
        explanation = QLabel(
            self.tr(
                "The machine is inaccessible: its settings file could not be read. Repair or "
                "restore the file and press Refresh, or remove the machine from the list."
            ),
            self,
        )
        explanation.setWordWrap(True)
        self._error = QPlainTextEdit(self)
        self._error.setReadOnly(True)
        self._error.setFrameShape(QFrame.Shape.StyledPanel)
        self._error.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._error.setAccessibleName(self.tr("Reason"))
        refresh = QPushButton(icon("refresh"), self.tr("Refre&sh"), self)
        remove = QPushButton(icon("remove"), self.tr("&Remove…"), self)
        refresh.clicked.connect(self.refresh_requested)
        remove.clicked.connect(self.remove_requested)
        header = QHBoxLayout()
        header.setSpacing(12)
        header.addWidget(image, 0, Qt.AlignmentFlag.AlignTop)
        header.addWidget(self._title, 1)
        buttons = QHBoxLayout()
        buttons.addWidget(refresh)
        buttons.addWidget(remove)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 24)
        layout.setSpacing(12)
        layout.addLayout(header)
        layout.addWidget(explanation)
        layout.addWidget(self._error)
        layout.addLayout(buttons)
        layout.addStretch(1)

    def show_machine(self, machine: MachineInfo) -> None:
        """Show why MACHINE cannot be read."""
        self._title.setText(machine.name)
        text = self.tr("{error}\n\nSettings file: {path}").format(
            error=machine.access_error, path=machine.settings_path
        )
        if self._error.toPlainText() != text:
            self._error.setPlainText(text)


class SelectionPane(QWidget):
    """Several machines, or those of a group, as a table.

    Signals:
        machine_chosen(str): the machine of this id was double-clicked.
    """

    machine_chosen = Signal(str)

    def __init__(self, os_name: Callable[[str], str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._os_name = os_name
        self._shown: tuple[MachineInfo, ...] = ()
        self._title = QLabel(self)
        font = QFont(self._title.font())
        font.setPointSizeF(font.pointSizeF() * 1.25)
        font.setBold(True)
        self._title.setFont(font)
        explanation = QLabel(
            self.tr(
                "Start, pause, reset, stop and remove act on all of them. Select one machine to "
                "see what it is made of."
            ),
            self,
        )
        explanation.setWordWrap(True)
        self.table = QTreeWidget(self)
        self.table.setRootIsDecorated(False)
        self.table.setUniformRowHeights(True)
        self.table.setAccessibleName(self.tr("Selected machines"))
        self.table.setHeaderLabels(
            [self.tr("Name"), self.tr("State"), self.tr("Operating System"), self.tr("Memory")]
        )
        header = self.table.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.resizeSection(1, 130)
        header.resizeSection(2, 190)
        self.table.itemActivated.connect(
            lambda item: self.machine_chosen.emit(item.data(0, Qt.ItemDataRole.UserRole))
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 24)
        layout.setSpacing(12)
        layout.addWidget(self._title)
        layout.addWidget(explanation)
        layout.addWidget(self.table, 1)

    def show_machines(self, machines: tuple[MachineInfo, ...], group: str = "") -> None:
        """Show MACHINES, which are those of the group GROUP unless that is empty."""
        count = self.tr("Selected machines: {count}").format(count=len(machines))
        name = self.tr("Group “{path}”").format(path=group.strip("/").replace("/", " / "))
        self._title.setText(name if group else count)
        if machines == self._shown:
            return
        self._shown = machines
        self.table.clear()
        items = []
        for machine in machines:
            look = state_look(machine)
            memory = self.tr("{count} MB").format(count=machine.memory_mb)
            system = self._os_name(machine.os_type_id)
            item = QTreeWidgetItem([machine.name, look.text, system, memory])
            item.setIcon(0, os_icon(machine.os_type_id))
            item.setIcon(1, icon(look.icon_name))
            item.setData(0, Qt.ItemDataRole.UserRole, machine.id)
            item.setTextAlignment(3, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            items.append(item)
        self.table.addTopLevelItems(items)

    def show_os_names(self) -> None:
        """Show the names of guest systems, which may be known later than the machines."""
        for row, machine in enumerate(self._shown):
            item = self.table.topLevelItem(row)
            if item is not None:
                item.setText(2, self._os_name(machine.os_type_id))
