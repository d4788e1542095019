"""How an action of the manager is declared."""

from collections.abc import Callable
from dataclasses import dataclass

from app.manager.situation import Situation, needs_nothing


@dataclass(frozen=True)
class ActionSpec:
    """Declaration of one action; texts are in the source language, context ``ManagerAction``.

    Attributes:
        name: key in the action set and name of the QAction.
        text: menu text with mnemonic.
        tip: one sentence for tool tip and status bar.
        icon_name: drawing in resources/icons.
        shortcut: portable key sequence, empty for none.
        blocked: returns the reason why it is disabled, or an empty string.
        checkable: the action is a toggle.
        short_text: what its tool bar button says; empty: ``text``.
    """

    name: str
    text: str
    tip: str
    icon_name: str
    shortcut: str = ""
    blocked: Callable[[Situation], str] = needs_nothing
    checkable: bool = False
    short_text: str = ""
