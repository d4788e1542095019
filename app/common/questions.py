"""Questions that a person may silence ("Do not ask again").

Silenced questions are listed by name in the extra data ``GUI/SuppressMessages``, as in VirtualBox;
``all`` there silences every one of them.
"""

from collections.abc import Callable, Sequence
from typing import Final, Protocol

from PySide6.QtWidgets import QCheckBox, QMessageBox, QWidget

from app.common.messages import Choice, ask
from app.common.translation import tr

SUPPRESSED_KEY: Final = "GUI/SuppressMessages"
ALL_SUPPRESSED: Final = "all"


class Suppressions(Protocol):
    """Where it is remembered what is not asked any more."""

    def is_suppressed(self, message: str) -> bool:
        """Tell whether the question MESSAGE is silenced."""

    def suppress(self, message: str) -> None:
        """Silence the question MESSAGE."""


def parse_suppressed(text: str) -> list[str]:
    """Return the names in a value of ``GUI/SuppressMessages``."""
    return [name for name in text.split(",") if name]


def format_suppressed(names: Sequence[str]) -> str:
    """Return the text that :func:`parse_suppressed` reads."""
    return ",".join(names)


def ask_unless_suppressed(
    parent: QWidget | None,
    suppressions: Suppressions,
    message: str,
    title: str,
    question: str,
    button: str,
    action: Callable[[], None],
    *,
    explanation: str = "",
) -> QMessageBox | None:
    """Ask QUESTION before ACTION, or act at once when MESSAGE is silenced.

    Args:
        parent: window that the box belongs to.
        suppressions: remembers what is silenced.
        message: name of the question (VirtualBox's where it has the question too).
        title: title of the box.
        question: one sentence.
        button: text of the button that means yes.
        action: called after the box was closed with that button.
        explanation: what follows from it.

    Returns:
        The box, or None when nothing was asked.
    """
    if suppressions.is_suppressed(message):
        action()
        return None
    silence = QCheckBox(tr("Do not ask again"))

    def confirmed() -> None:
        if silence.isChecked():
            suppressions.suppress(message)
        action()

    choices = (
        Choice(button, QMessageBox.ButtonRole.AcceptRole, confirmed),
        Choice(tr("Cancel"), QMessageBox.ButtonRole.RejectRole, default=True),
    )
    return ask(parent, title, question, choices, explanation=explanation, check_box=silence)
