"""How a box of the details pane is declared.

A function decorated with :func:`details_section` turns settings into rows; its module lies in
``sections`` and is found there, nothing else lists it.
"""

import importlib
import pkgutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from PySide6.QtCore import QCoreApplication

from app.api.structs import MachineInfo, OsType
from app.settings.model import MachineSettings


@dataclass(frozen=True)
class Subject:
    """What the pane shows."""

    machine: MachineInfo
    settings: MachineSettings
    os_type: OsType | None


@dataclass(frozen=True)
class Row:
    """One line of a box; ``indent`` marks what belongs to the line above."""

    label: str
    value: str
    indent: bool = False


RowSource = Callable[[Subject], Sequence[Row]]


@dataclass(frozen=True)
class Section:
    """Declaration of a box.

    Attributes:
        name: key for remembering folds.
        title: heading in the source language (translation context ``Details``).
        icon_name: drawing in resources/icons.
        page: page of the settings dialog that the heading opens.
        order: position in the pane.
        rows: turns a subject into lines; no lines hide the box.
    """

    name: str
    title: str
    icon_name: str
    page: str
    order: int
    rows: RowSource


_sections: dict[str, Section] = {}


def details_section(
    name: str, *, title: str, icon_name: str, page: str, order: int
) -> Callable[[RowSource], RowSource]:
    """Declare the decorated function as the row source of a box; see :class:`Section`."""

    def declare(rows: RowSource) -> RowSource:
        if name in _sections:
            raise ValueError(f"The details section {name!r} is declared twice.")
        _sections[name] = Section(name, title, icon_name, page, order, rows)
        return rows

    return declare


@cache
def all_sections() -> Sequence[Section]:
    """Return every declared section in order."""
    from app.manager.details import sections

    for module in pkgutil.iter_modules(sections.__path__):
        importlib.import_module(f"{sections.__name__}.{module.name}")
    return tuple(sorted(_sections.values(), key=lambda section: section.order))


def section_title(section: Section) -> str:
    """Return the heading of SECTION in the language of the user interface."""
    return QCoreApplication.translate("Details", section.title)
