"""The wizard that clones a machine, or a snapshot of one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QFormLayout,
    QGroupBox,
    QLineEdit,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from app.api.copying import CloneMode, CloneOption
from app.api.structs import MachineInfo
from app.manager.service_link import ServiceLink
from app.manager.widgets.field_message import FieldMessage, Severity
from app.manager.widgets.file_picker import FilePicker, PickMode
from app.manager.widgets.path_label import PathLabel
from app.manager.wizard.frame import Wizard, WizardPage
from app.manager.wizard.place_check import PlaceCheck
from app.settings.model import MachineSettings, Snapshot

_INDENT = 24


@dataclass
class CloneRequest:
    """A clone that is wanted.

    Attributes:
        machine: what is cloned.
        snapshot: the snapshot of it that is cloned; None: its current state.
        name: name of the clone.
        base_folder: folder that gets the clone's folder.
        mac_options: which MAC addresses it keeps.
        keep_disk_names: its disks are called as those of the source.
        keep_hardware_ids: the guest sees the same hardware UUID.
        linked: it shares the disks of a snapshot instead of copying them.
        mode: which states it gets.
        linked_base: name of the snapshot that has to be taken first; empty: none.
        linked_snapshot: UUID of the snapshot whose disks a linked clone shares, when there is one.
    """

    machine: MachineInfo
    snapshot: Snapshot | None = None
    name: str = ""
    base_folder: str = ""
    mac_options: list[CloneOption] = field(default_factory=list)
    keep_disk_names: bool = False
    keep_hardware_ids: bool = False
    linked: bool = False
    mode: CloneMode = CloneMode.MACHINE_STATE
    linked_base: str = ""
    linked_snapshot: str = ""

    def params(self) -> dict[str, Any]:
        """Return the parameters of ``machine.clone``, without a snapshot yet to be taken."""
        options = list(self.mac_options)
        if self.keep_disk_names:
            options.append(CloneOption.KEEP_DISK_NAMES)
        if self.keep_hardware_ids:
            options.append(CloneOption.KEEP_HW_UUIDS)
        if self.linked:
            options.append(CloneOption.LINK)
        snapshot = self.snapshot.uuid if self.snapshot is not None else None
        if self.linked and snapshot is None:
            snapshot = self.linked_snapshot or None
        return {
            "id": self.machine.id,
            "name": self.name,
            "mode": self.mode,
            "options": options,
            "groups": self.machine.groups,
            "base_folder": self.base_folder or None,
            "snapshot": snapshot,
        }


class CloneNamePage(WizardPage):
    """Name, place, and what the clone keeps of the source's identity."""

    def __init__(self, link: ServiceLink, request: CloneRequest) -> None:
        super().__init__(
            self.tr("New name and place"),
            self.tr("New Machine Name and Path"),
            self.tr(
                "Choose a name and a folder for the new machine. It is a copy of “{name}”, with "
                "network addresses of its own unless you keep them."
            ).format(name=request.machine.name),
            "general",
        )
        self._request = request
        self._place = PlaceCheck(link, self)
        self._place.finished.connect(self._on_checked)
        self.name = QLineEdit(free_name(link, self.tr("{name} Clone"), request.machine.name), self)
        self.name.setMaxLength(255)
        self.name.setAccessibleName(self.tr("Name"))
        self.name_message = FieldMessage(self)
        self.folder = FilePicker(
            PickMode.FOLDER, title=self.tr("Folder for the new machine"), parent=self
        )
        if link.properties is not None:
            self.folder.path = link.properties.default_machine_folder
        self.folder_message = FieldMessage(self)
        self.location = PathLabel(self)
        self.mac_policy = QComboBox(self)
        self.mac_policy.setAccessibleName(self.tr("MAC address policy"))
        for text, options in (
            (self.tr("Keep only those of NAT adapters"), [CloneOption.KEEP_NAT_MACS]),
            (self.tr("Keep all addresses"), [CloneOption.KEEP_ALL_MACS]),
            (self.tr("Generate new ones for all adapters"), []),
        ):
            self.mac_policy.addItem(text, options)
        self.keep_disk_names = QCheckBox(self.tr("Keep &disk names"), self)
        self.keep_disk_names.setToolTip(
            self.tr("The image files are called as those of the source.")
        )
        self.keep_hardware_ids = QCheckBox(self.tr("Keep hardware &UUIDs"), self)
        self.keep_hardware_ids.setToolTip(
            self.tr("Systems that are bound to their hardware take the clone for the source.")
        )
        self._arrange()
        self.name.textChanged.connect(self._on_changed)
        self.folder.path_changed.connect(self._on_changed)
        self.mac_policy.currentIndexChanged.connect(self._store)
        self.keep_disk_names.toggled.connect(self._store)
        self.keep_hardware_ids.toggled.connect(self._store)
        self._store()

    def _arrange(self) -> None:
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setVerticalSpacing(8)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        form.addRow(self.tr("N&ame:"), self.name)
        form.addRow("", self.name_message)
        form.addRow(self.tr("&Path:"), self.folder)
        form.addRow("", self.folder_message)
        form.addRow(self.tr("New folder:"), self.location)
        form.addRow(self.tr("&MAC addresses:"), self.mac_policy)
        form.addRow(self.tr("Additional options:"), self.keep_disk_names)
        form.addRow("", self.keep_hardware_ids)

    def enter(self) -> None:
        """Come up with the name selected."""
        self.name.setFocus()
        self.name.selectAll()
        self._check(now=True)

    def is_complete(self) -> bool:
        """Tell whether name and folder can be used."""
        return self._place.is_settled and bool(self._place.settings_path)

    def _on_changed(self) -> None:
        self._check(now=False)
        self.complete_changed.emit()

    def _check(self, *, now: bool) -> None:
        self._store()
        groups = self._request.machine.groups
        group = groups[0] if groups else "/"
        self._place.check(self._request.name, self._request.base_folder, group, now=now)

    def _on_checked(self) -> None:
        self.name_message.show_message(self._place.name_problem)
        self.folder_message.show_message(self._place.folder_problem)
        self.location.setText(self._place.settings_path.rpartition("/")[0])
        self.complete_changed.emit()

    def _store(self) -> None:
        request = self._request
        request.name = self.name.text().strip()
        request.base_folder = self.folder.path
        request.mac_options = list(self.mac_policy.currentData())
        request.keep_disk_names = self.keep_disk_names.isChecked()
        request.keep_hardware_ids = self.keep_hardware_ids.isChecked()


class CloneTypePage(WizardPage):
    """Full or linked, and which states a full clone gets."""

    def __init__(self, link: ServiceLink, request: CloneRequest) -> None:
        super().__init__(
            self.tr("Clone type"),
            self.tr("Clone Type"),
            self.tr(
                "A full clone has copies of all hard disks and can be taken to another computer. A "
                "linked clone is made in no time, and needs the disks of its source as long as it "
                "exists."
            ),
            "clone",
        )
        self._request = request
        self._settings: MachineSettings | None = None
        self.full = QRadioButton(self.tr("&Full clone"), self)
        self.linked = QRadioButton(self.tr("&Linked clone"), self)
        self.full.setChecked(True)
        self.note = FieldMessage(self)
        self.states = QGroupBox(self.tr("Snapshots"), self)
        self.current_state = QRadioButton(self.tr("&Current machine state only"), self.states)
        self.children_too = QRadioButton(self.tr("This snapshot and those &after it"), self.states)
        self.everything = QRadioButton(self.tr("&Everything: all snapshots"), self.states)
        self.current_state.setChecked(True)
        # Radio buttons of one parent exclude each other.
        kinds = QButtonGroup(self)
        kinds.addButton(self.full)
        kinds.addButton(self.linked)
        states = QVBoxLayout(self.states)
        for radio in (self.current_state, self.children_too, self.everything):
            states.addWidget(radio)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        for widget in (self.full, self.linked, self.note, self.states):
            layout.addWidget(widget)
        layout.addStretch(1)
        for radio in (self.full, self.linked, self.current_state, self.children_too):
            radio.toggled.connect(self._store)
        self._show_choices()
        params = {"id": request.machine.id}
        link.call(self, "machine.get_settings", params, self._on_settings)

    def _on_settings(self, settings: MachineSettings) -> None:
        self._settings = settings
        self._show_choices()
        self.complete_changed.emit()

    def is_complete(self) -> bool:
        """Tell whether it is known which snapshots there are."""
        return self._settings is not None

    def refresh(self) -> None:
        """Follow the name of the clone."""
        self._store()

    def _show_choices(self) -> None:
        snapshots = self._settings.snapshots if self._settings is not None else []
        snapshot = self._request.snapshot
        if snapshot is not None:
            self.current_state.setText(
                self.tr("&Only the state of the snapshot “{name}”").format(name=snapshot.name)
            )
        has_children = snapshot is not None and any(
            each.parent == snapshot.uuid for each in snapshots
        )
        self.children_too.setVisible(has_children)
        self._store()

    def _store(self) -> None:
        request, settings = self._request, self._settings
        snapshots = settings.snapshots if settings is not None else []
        request.linked = self.linked.isChecked()
        self.states.setVisible(bool(snapshots) and not request.linked)
        if request.linked or not snapshots or self.current_state.isChecked():
            request.mode = CloneMode.MACHINE_STATE
        elif self.children_too.isChecked():
            request.mode = CloneMode.MACHINE_AND_CHILD_STATES
        else:
            request.mode = CloneMode.ALL_STATES
        request.linked_base = request.linked_snapshot = ""
        if request.linked and request.snapshot is None and settings is not None:
            if request.machine.modified or not settings.current_snapshot:
                request.linked_base = self.tr("Linked Base for {source} and {clone}").format(
                    source=request.machine.name, clone=request.name
                )
            else:
                request.linked_snapshot = settings.current_snapshot
        self.note.show_message(self._note(), Severity.NOTE)

    def _note(self) -> str:
        request = self._request
        if request.linked_base:
            return self.tr(
                "A linked clone shares the disks of a snapshot: the snapshot “{name}” is taken of "
                "the machine first."
            ).format(name=request.linked_base)
        return ""


class CloneWizard(Wizard):
    """Collects what a clone shall be; the caller makes it.

    Args:
        link: reaches the service.
        machine: what is cloned.
        snapshot: the snapshot of it to clone; None: its current state.
        parent: window that the dialog belongs to.

    Signals:
        clone_wanted(object): a :class:`CloneRequest`; the dialog closes.
    """

    clone_wanted = Signal(object)

    def __init__(
        self,
        link: ServiceLink,
        machine: MachineInfo,
        snapshot: Snapshot | None = None,
        parent: QWidget | None = None,
    ) -> None:
        title = self.tr("Clone Virtual Machine “{name}”").format(name=machine.name)
        super().__init__(title, "clone", self.tr("&Clone"), parent, has_expert_mode=True)
        self.request = CloneRequest(machine=machine, snapshot=snapshot)
        self.name_page = CloneNamePage(link, self.request)
        self.type_page = CloneTypePage(link, self.request)
        self.set_pages([self.name_page, self.type_page])

    def finish(self) -> None:
        """Tell what is wanted and close."""
        self.type_page.refresh()
        self.clone_wanted.emit(self.request)
        self.accept()


def free_name(link: ServiceLink, pattern: str, name: str) -> str:
    """Return PATTERN with NAME, and a number behind it when a machine is called so already."""
    taken = {machine.name for machine in link.model.machines()}
    wanted = pattern.format(name=name)
    number = 1
    free = wanted
    while free in taken:
        number += 1
        free = f"{wanted} {number}"
    return free
