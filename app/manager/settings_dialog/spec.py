"""How pages of the settings dialog are declared: as tables of settings, not as code.

A page is a module in :mod:`app.manager.settings_dialog.pages` with ``declare(PageSpec(...))`` at
its end; nothing else lists it. Label, help, range and whether a running machine may follow come
from the declaration of the setting (:mod:`app.settings.declare`). What a page declares can be
searched before any widget of it exists.

Texts of the tables are in the source language; their translation context is ``SettingsDialog``.
"""

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication
from PySide6.QtWidgets import QWidget

from app.manager.settings_dialog import setting_path
from app.manager.words import Words
from app.settings.model import MachineSettings

if TYPE_CHECKING:
    from app.manager.settings_dialog.context import DialogContext
    from app.manager.settings_dialog.fields.editor import Editor

_THEN: Final = "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}"

NOT_YET: Final = str(
    QT_TRANSLATE_NOOP(
        "SettingsDialog",
        "This version of Vitrine does not use the setting; it is kept for VirtualBox and for "
        "later versions.",
    )
)


class Level(Enum):
    """Who is meant to see a setting."""

    BASIC = "basic"
    EXPERT = "expert"


@dataclass(frozen=True)
class Requirement:
    """What must hold for a setting to mean anything.

    Attributes:
        holds: looks at the edited settings.
        reason: why the setting cannot be changed otherwise; a sentence. Empty: it is not shown
            at all then.
    """

    holds: Callable[[MachineSettings], bool]
    reason: str = ""


@dataclass(frozen=True)
class FieldSpec:
    """A setting on a page.

    Attributes:
        path: which one, see :mod:`app.manager.settings_dialog.setting_path`.
        level: who sees it.
        label: other caption than the declared one.
        help: other help than the declared one.
        caption: text in the column of captions beside a check box.
        editor: makes the editor; None: the usual one for the type of the setting.
        words: how the words of the setting are shown; None: as declared for their class.
        requires: what must hold for it to be changed.
        note: sentence that follows the help: what this version does not do with it.
        hot: other hotness than declared, for editors that look after it themselves.
        wide: the editor fills the page and needs no caption.
        keywords: more words under which the search finds it.
        also: further settings that the editor changes; marks and taking back follow them.
    """

    path: str
    level: Level = Level.EXPERT
    label: str = ""
    help: str = ""
    caption: str = ""
    editor: "Callable[[DialogContext, FieldSpec, QWidget], Editor] | None" = None
    words: Words | None = None
    requires: Requirement | None = None
    note: str = ""
    hot: bool | None = None
    wide: bool = False
    keywords: str = ""
    also: Sequence[str] = ()

    @property
    def is_hot(self) -> bool:
        """True when the setting may change while the machine runs."""
        return setting_path.declared(self.path).declaration.hot if self.hot is None else self.hot

    @property
    def title(self) -> str:
        """The caption in the language of the user interface."""
        if self.label:
            return translated(self.label)
        return setting_text(setting_path.declared(self.path).declaration.label)

    @property
    def help_text(self) -> str:
        """What the setting does, and what this version does not do with it."""
        text = translated(self.help)
        if not text:
            text = setting_text(setting_path.declared(self.path).declaration.help)
        return f"{text} {translated(self.note)}" if self.note else text


@dataclass(frozen=True)
class Heading:
    """A title above the settings that follow."""

    text: str


@dataclass(frozen=True)
class TabSpec:
    """A tab of a page; a page with one tab shows no tab bar."""

    title: str
    rows: Sequence[FieldSpec | Heading]

    @property
    def fields(self) -> Iterator[FieldSpec]:
        """The settings of the tab."""
        return (row for row in self.rows if isinstance(row, FieldSpec))

    def is_shown(self, *, expert: bool) -> bool:
        """Tell whether anything of the tab is shown."""
        return expert or any(field.level is Level.BASIC for field in self.fields)


@dataclass(frozen=True)
class PageSpec:
    """A page.

    Attributes:
        name: key, as links from the details pane use it.
        title: in the list of pages.
        icon_name: drawing in resources/icons.
        order: position in the list.
        tabs: what is on it.
    """

    name: str
    title: str
    icon_name: str
    order: int
    tabs: Sequence[TabSpec]

    def is_shown(self, *, expert: bool) -> bool:
        """Tell whether anything of the page is shown."""
        return any(tab.is_shown(expert=expert) for tab in self.tabs)


@dataclass(frozen=True)
class Spot:
    """Where a setting is."""

    page: PageSpec
    tab: int
    field: FieldSpec

    @property
    def place(self) -> str:
        """Page and tab, for people."""
        title = translated(self.page.title)
        if len(self.page.tabs) < 2:
            return title
        return f"{title} {_THEN} {translated(self.page.tabs[self.tab].title).replace('&', '')}"


_specs: dict[str, PageSpec] = {}


def declare(page: PageSpec) -> None:
    """Make PAGE known."""
    if page.name in _specs:
        raise ValueError(f"The settings page {page.name!r} is declared twice.")
    _specs[page.name] = page


@cache
def all_pages() -> Sequence[PageSpec]:
    """Return every declared page in order."""
    from app.manager.settings_dialog import pages

    for module in pkgutil.iter_modules(pages.__path__):
        importlib.import_module(f"{pages.__name__}.{module.name}")
    return tuple(sorted(_specs.values(), key=lambda spec: spec.order))


@cache
def all_spots() -> Sequence[Spot]:
    """Return every setting of every page, in the order of the pages."""
    return tuple(
        Spot(page, number, field)
        for page in all_pages()
        for number, tab in enumerate(page.tabs)
        for field in tab.fields
    )


def spot_of(path: str) -> Spot | None:
    """Return where the setting PATH is shown, or what belongs to it; None when no page has it."""
    for spot in all_spots():
        own = spot.field.path
        if path == own or path.startswith((f"{own}.", f"{own}[")):
            return spot
    for spot in all_spots():
        if spot.field.path.startswith((f"{path}.", f"{path}[")):
            return spot
    return None


def translated(text: str) -> str:
    """Return a text of the tables in the language of the user interface."""
    return QCoreApplication.translate("SettingsDialog", text) if text else ""


def setting_text(text: str) -> str:
    """Return a label or help of the settings model in the language of the user interface."""
    return QCoreApplication.translate("Settings", text) if text else ""
