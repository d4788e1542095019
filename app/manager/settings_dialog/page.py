"""What a page of the settings dialog is, and how it declares itself."""

import importlib
import pkgutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import msgspec
from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QFormLayout, QLabel, QWidget

from app.api.structs import MachineInfo
from app.manager.service_link import ServiceLink
from app.manager.widgets.paged_dialog import Problem
from app.settings.declare import Declaration, fields_of
from app.settings.model import MachineSettings


@dataclass(frozen=True)
class PageContext:
    """What pages may use."""

    link: ServiceLink
    machine: MachineInfo


class SettingsPage(QWidget):
    """One page; reads from and writes to a MachineSettings and never talks to the service to save.

    Signals:
        changed(): a person changed something.
    """

    changed = Signal()

    def __init__(self, context: PageContext) -> None:
        super().__init__()
        self.context = context
        self._fields: list[tuple[QWidget, bool]] = []

    def load(self, settings: MachineSettings) -> None:
        """Show SETTINGS without changing them; a page that shows none need not override this."""

    def store(self, settings: MachineSettings) -> None:
        """Write what the page holds into SETTINGS; what nobody has changed stays as it was."""

    def problems(self) -> Sequence[Problem]:
        """Return what is wrong with the values for this host and among the other machines.

        What the settings alone tell is found by :mod:`app.settings.problems` for all pages.
        """
        return ()

    def set_live(self, live: bool) -> None:
        """Disable what may not change while the machine runs."""
        for widget, hot in self._fields:
            widget.setEnabled(hot or not live)

    def add_field(
        self,
        form: QFormLayout,
        structure: type[msgspec.Struct],
        name: str,
        widget: QWidget,
        *,
        label: str | None = None,
        row: int = -1,
    ) -> None:
        """Add a row for a declared setting: label, tool tip and hotness come from there.

        Args:
            form: layout that gets the row.
            structure: structure of the settings model.
            name: field of it.
            widget: editor; a check box carries its label itself.
            label: other label than the declared one; empty for none.
            row: where the row goes; -1 for the end.
        """
        declaration = declaration_of(structure, name)
        text = translated(declaration.label) if label is None else label
        help_text = translated(declaration.help)
        widget.setToolTip(help_text)
        if not widget.accessibleName():
            widget.setAccessibleName(text)
        if not widget.accessibleDescription():
            widget.setAccessibleDescription(help_text)
        caption = QLabel(f"{text}:" if text else "", self)
        caption.setBuddy(widget)
        form.insertRow(row, caption, widget)
        self.register_field(widget, hot=declaration.hot)

    def register_field(self, widget: QWidget, *, hot: bool) -> None:
        """Let ``set_live`` take care of WIDGET."""
        self._fields.append((widget, hot))


@cache
def declaration_of(structure: type[msgspec.Struct], name: str) -> Declaration:
    """Return the declaration of the field NAME.

    Raises:
        LookupError: there is no such declared field.
    """
    for field in fields_of(structure):
        if field.name == name:
            return field.declaration
    raise LookupError(f"{structure.__name__} declares no setting {name!r}.")


def translated(text: str) -> str:
    """Return a label or help of the settings model in the language of the user interface."""
    return QCoreApplication.translate("Settings", text) if text else ""


@dataclass(frozen=True)
class PageSpec:
    """Declaration of a page.

    Attributes:
        name: key, as links from the details pane use it.
        title: in the source language (translation context ``SettingsDialog``).
        icon_name: drawing in resources/icons.
        order: position in the list.
        paths: settings that the page shows, as beginnings of their paths; problems with them are
            shown as problems of the page.
        page: class of the page.
    """

    name: str
    title: str
    icon_name: str
    order: int
    paths: Sequence[str]
    page: type[SettingsPage]


_specs: dict[str, PageSpec] = {}


def settings_page(
    name: str, *, title: str, icon_name: str, order: int, paths: Sequence[str]
) -> Callable[[type[SettingsPage]], type[SettingsPage]]:
    """Declare the decorated class as a page; see :class:`PageSpec`."""

    def declare(page: type[SettingsPage]) -> type[SettingsPage]:
        if name in _specs:
            raise ValueError(f"The settings page {name!r} is declared twice.")
        _specs[name] = PageSpec(name, title, icon_name, order, paths, page)
        return page

    return declare


def page_title(spec: PageSpec) -> str:
    """Return the title of a page in the language of the user interface."""
    return QCoreApplication.translate("SettingsDialog", spec.title)


def page_of(path: str) -> str:
    """Return the name of the page that shows the setting PATH, or an empty string."""
    for spec in all_pages():
        if any(path == own or path.startswith((f"{own}.", f"{own}[")) for own in spec.paths):
            return spec.name
    return ""


@cache
def all_pages() -> Sequence[PageSpec]:
    """Return every declared page in order."""
    from app.manager.settings_dialog import pages

    for module in pkgutil.iter_modules(pages.__path__):
        importlib.import_module(f"{pages.__name__}.{module.name}")
    return tuple(sorted(_specs.values(), key=lambda spec: spec.order))
