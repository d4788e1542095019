"""The settings dialog: loads, validates and saves what its pages edit."""

import copy

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QMessageBox, QWidget

from app.api.errors import ApiError
from app.api.structs import MachineInfo
from app.common.messages import Choice, ask
from app.manager.service_link import ServiceLink
from app.manager.settings_dialog.page import (
    PageContext,
    SettingsPage,
    all_pages,
    page_of,
    page_title,
)
from app.manager.states import is_online
from app.manager.widgets.field_message import Severity
from app.manager.widgets.paged_dialog import PagedDialog, Problem
from app.settings import problems as rules
from app.settings.model import MachineSettings


class SettingsDialog(PagedDialog):
    """Edits a copy of a machine's settings; only OK hands it to the service."""

    def __init__(
        self, link: ServiceLink, machine: MachineInfo, parent: QWidget | None = None
    ) -> None:
        super().__init__(self.tr("{name} - Settings").format(name=machine.name), parent)
        self._link = link
        self._machine = machine
        self._original: MachineSettings | None = None
        self._saving = False
        self._question: QMessageBox | None = None
        self.pages: dict[str, SettingsPage] = {}
        context = PageContext(link, machine)
        for spec in all_pages():
            page = spec.page(context)
            page.changed.connect(self._on_page_changed)
            self.add_page(spec.name, page_title(spec), spec.icon_name, page)
            self.pages[spec.name] = page
        self.stack.setEnabled(False)
        self.resize(820, 560)

        self._validate_later = QTimer(self)
        self._validate_later.setSingleShot(True)
        self._validate_later.setInterval(0)
        self._validate_later.timeout.connect(self._validate)
        link.machine_changed.connect(self._on_machine_changed)
        link.machines_loaded.connect(self._on_machines_loaded)
        link.connection_changed.connect(self._on_connection_changed)
        self._fetch()

    # -- showing -------------------------------------------------------------------------------

    @property
    def live(self) -> bool:
        """True while the machine runs, so that little may change."""
        return is_online(self._machine)

    def _fetch(self) -> None:
        self._link.call(
            self, "machine.get_settings", {"id": self._machine.id}, self._load, self._cannot_load
        )

    def _load(self, settings: MachineSettings) -> None:
        self._original = settings
        for page in self.pages.values():
            page.load(copy.deepcopy(settings))
        self.stack.setEnabled(True)
        self._show_liveness()
        self._validate()

    def _cannot_load(self, error: ApiError) -> None:
        self.validation.show_message(error.message, Severity.ERROR)

    def _show_liveness(self) -> None:
        for page in self.pages.values():
            page.set_live(self.live)
        self.banner.show_message(
            self.tr(
                "The machine is running: only what can change meanwhile is enabled, such as the "
                "media in its removable drives."
            )
            if self.live
            else "",
            Severity.NOTE,
        )

    # -- validation ----------------------------------------------------------------------------

    def _on_page_changed(self) -> None:
        self._validate_later.start()

    def _validate(self) -> None:
        """Show what is wrong and let OK follow."""
        valid = self.show_problems(self._problems())
        ready = self._original is not None and not self._saving and self._link.is_connected
        self.ok_button.setEnabled(ready and valid)

    def _problems(self) -> dict[str, list[Problem]]:
        """Return what is wrong by page; what no page shows only warns: it cannot be mended here."""
        found = {name: list(page.problems()) for name, page in self.pages.items()}
        settings = self.collect()
        for problem in rules.problems(settings) if settings is not None else ():
            page = page_of(problem.path)
            is_error = problem.severity is rules.Severity.ERROR and page
            severity = Severity.ERROR if is_error else Severity.WARNING
            found.setdefault(page, []).append(Problem(severity, problem.text))
        return found

    # -- saving --------------------------------------------------------------------------------

    def collect(self) -> MachineSettings | None:
        """Return the settings as the pages hold them; None before they were loaded."""
        if self._original is None:
            return None
        settings = copy.deepcopy(self._original)
        for page in self.pages.values():
            page.store(settings)
        return settings

    def accept(self) -> None:
        """Hand changed settings to the service; close when it has stored them."""
        self._validate()
        settings = self.collect()
        if settings is None or not self.ok_button.isEnabled():
            return
        if settings == self._original:
            super().accept()
            return
        self._set_saving(saving=True)
        params = {"id": self._machine.id, "settings": settings}
        self._link.call(
            self, "machine.save_settings", params, self._on_saved, self._on_save_failed
        )

    def _set_saving(self, *, saving: bool) -> None:
        self._saving = saving
        self.stack.setEnabled(not saving)
        self._validate()

    def _on_saved(self, _nothing: object) -> None:
        super().accept()

    def _on_save_failed(self, error: ApiError) -> None:
        self._set_saving(saving=False)
        self.validation.show_message(
            self.tr("The settings were not saved. {reason}").format(reason=error.message),
            Severity.ERROR,
        )

    # -- changes from outside ------------------------------------------------------------------

    def _on_connection_changed(self, connected: bool, reason: str) -> None:
        if connected and self._original is None:
            self._fetch()
        self._validate()
        if not connected:
            self.validation.show_message(reason, Severity.ERROR)

    def _on_machines_loaded(self) -> None:
        self._on_machine_changed(self._machine.id)

    def _on_machine_changed(self, machine_id: str) -> None:
        machine = self._link.model.machine(machine_id)
        if machine_id != self._machine.id or machine is None or self._saving:
            return
        was_live, self._machine = self.live, machine
        if was_live != self.live:
            self._show_liveness()
        if self._original is not None:
            self._link.call(self, "machine.get_settings", {"id": machine_id}, self._compare)

    def _compare(self, settings: MachineSettings) -> None:
        """Take over what changed outside, after asking when there are edits to lose."""
        if self._saving or settings == self._original or self._question is not None:
            return
        if self.collect() == self._original:
            self._load(settings)
            return

        def answered(reload: bool) -> None:
            self._question = None
            if reload:
                self._load(settings)

        self._question = ask(
            self,
            self.tr("Settings changed"),
            self.tr("The settings of “{name}” were changed elsewhere while you were editing.")
            .format(name=self._machine.name),
            [
                Choice(
                    self.tr("&Reload settings"),
                    QMessageBox.ButtonRole.DestructiveRole,
                    lambda: answered(reload=True),
                ),
                Choice(
                    self.tr("&Keep my changes"),
                    QMessageBox.ButtonRole.RejectRole,
                    lambda: answered(reload=False),
                    default=True,
                ),
            ],
            explanation=self.tr(
                "Reloading discards what you have changed in this dialog. Keeping it overwrites "
                "the other changes when you press OK."
            ),
        )
