"""The dialog: edits a copy of the system properties; only OK hands the changes to the service."""

from typing import Any

from PySide6.QtWidgets import QWidget

from app.api.errors import ApiError
from app.api.structs import SystemProperties
from app.manager.preferences.general_page import GeneralPreferences
from app.manager.service_link import ServiceLink
from app.manager.widgets.field_message import Severity
from app.manager.widgets.paged_dialog import PagedDialog


class PreferencesDialog(PagedDialog):
    """Preferences of Vitrine."""

    def __init__(
        self, link: ServiceLink, properties: SystemProperties, parent: QWidget | None = None
    ) -> None:
        super().__init__(self.tr("Preferences"), parent)
        self._link = link
        self._properties = properties
        self._saving = False
        self.general = GeneralPreferences(properties)
        self.general.changed.connect(self._validate)
        self.add_page("general", self.tr("General"), "preferences", self.general)
        self.resize(720, 420)
        self._validate()

    def _validate(self) -> None:
        valid = self.show_problems({"general": self.general.problems()})
        self.ok_button.setEnabled(valid and not self.general.checking and not self._saving)

    def accept(self) -> None:
        """Hand what changed to the service; close when it has stored it."""
        self._validate()
        if not self.ok_button.isEnabled():
            return
        changes = self.general.changes()
        if not changes:
            super().accept()
            return
        self._set_saving(saving=True)
        self._link.call(
            self, "virtualbox.set_system_properties", changes, self._on_saved, self._on_failed
        )

    def _set_saving(self, *, saving: bool) -> None:
        self._saving = saving
        self.stack.setEnabled(not saving)
        self.ok_button.setEnabled(not saving)

    def _on_saved(self, _properties: Any) -> None:
        super().accept()

    def _on_failed(self, error: ApiError) -> None:
        self._set_saving(saving=False)
        self.validation.show_message(
            self.tr("The preferences were not saved. {reason}").format(reason=error.message),
            Severity.ERROR,
        )
