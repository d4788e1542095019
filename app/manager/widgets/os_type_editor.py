"""Choice of the guest operating system: family, line within the family, version."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QFormLayout, QLabel, QWidget

from app.api.structs import OsType
from app.common.icons import os_icon


class OsTypeEditor(QWidget):
    """Combo boxes Type, Subtype (where the family has lines) and Version.

    Signals:
        os_type_changed(str): another type was chosen or set; carries its id.
        edited(): a person changed one of the boxes.
    """

    os_type_changed = Signal(str)
    edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._types: list[OsType] = []
        self._unknown_id = ""
        self.family = QComboBox(self)
        self.subtype = QComboBox(self)
        self.version = QComboBox(self)
        self._subtype_label = QLabel(self.tr("S&ubtype:"), self)
        self._subtype_label.setBuddy(self.subtype)
        self.form = QFormLayout(self)
        self.form.setContentsMargins(0, 0, 0, 0)
        self.form.addRow(self.tr("&Type:"), self.family)
        self.form.addRow(self._subtype_label, self.subtype)
        self.form.addRow(self.tr("&Version:"), self.version)
        for box, name in (
            (self.family, self.tr("Type of guest operating system")),
            (self.subtype, self.tr("Subtype of guest operating system")),
            (self.version, self.tr("Version of guest operating system")),
        ):
            box.setAccessibleName(name)
            box.setMaxVisibleItems(16)
            box.activated.connect(self.edited)
        self.family.currentIndexChanged.connect(self._fill_subtypes)
        self.subtype.currentIndexChanged.connect(self._fill_versions)
        self.version.currentIndexChanged.connect(self._announce)

    @property
    def os_type_id(self) -> str:
        """Id of the chosen type; empty before the types are known."""
        return str(self.version.currentData() or self._unknown_id)

    @property
    def os_type(self) -> OsType | None:
        """The chosen type; None for an id that the service does not know."""
        return next((known for known in self._types if known.id == self.os_type_id), None)

    def set_types(self, types: Sequence[OsType]) -> None:
        """Offer TYPES; the choice stays where it can."""
        chosen = self.os_type_id
        self._types = list(types)
        self.family.blockSignals(True)
        self.family.clear()
        seen: set[str] = set()
        for known in self._types:
            if known.family_id not in seen:
                seen.add(known.family_id)
                self.family.addItem(known.family_description, known.family_id)
        self.family.blockSignals(False)
        self._fill_subtypes()
        if chosen:
            self.choose(chosen)

    def choose(self, os_type_id: str) -> None:
        """Show OS_TYPE_ID; an unknown id is shown as it is and kept."""
        known = next((entry for entry in self._types if entry.id == os_type_id), None)
        self._unknown_id = "" if known else os_type_id
        if known is None:
            if self._types:
                self.version.insertItem(0, os_icon(os_type_id), os_type_id, os_type_id)
                self.version.setCurrentIndex(0)
            return
        self.family.setCurrentIndex(self.family.findData(known.family_id))
        self.subtype.setCurrentIndex(max(0, self.subtype.findData(known.subtype)))
        self.version.setCurrentIndex(self.version.findData(os_type_id))

    def _fill_subtypes(self) -> None:
        family = self.family.currentData()
        subtypes: list[str] = []
        for known in self._types:
            if known.family_id == family and known.subtype not in subtypes:
                subtypes.append(known.subtype)
        self.subtype.blockSignals(True)
        self.subtype.clear()
        for subtype in subtypes:
            self.subtype.addItem(subtype or self.tr("Other"), subtype)
        self.subtype.blockSignals(False)
        self.form.setRowVisible(self.subtype, len(subtypes) > 1)
        self._fill_versions()

    def _fill_versions(self) -> None:
        family, subtype = self.family.currentData(), self.subtype.currentData()
        self.version.blockSignals(True)
        self.version.clear()
        for known in self._types:
            if known.family_id == family and known.subtype == subtype:
                self.version.addItem(os_icon(known.id), known.description, known.id)
        # 64-bit guests are what people install today: prefer them where the list has both.
        for row in range(self.version.count()):
            if str(self.version.itemData(row)).endswith("_64"):
                self.version.setCurrentIndex(row)
                break
        self.version.blockSignals(False)
        self._announce()

    def _announce(self) -> None:
        self.os_type_changed.emit(self.os_type_id)
