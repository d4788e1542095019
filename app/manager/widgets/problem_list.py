"""The bar below a dialog that lists what is wrong, with links to the fields."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QSizePolicy, QWidget

from app.common.icons import picture
from app.manager.widgets.field_message import Severity

_ICON = 16
_GAP = 6
_MOST_LINES = 4


@dataclass(frozen=True)
class ListedProblem:
    """A line of the list.

    Attributes:
        severity: how wrong.
        text: a sentence.
        place: where; the text of the link, empty for none.
        follow: what the link does.
    """

    severity: Severity
    text: str
    place: str = ""
    follow: Callable[[], None] | None = None


class ProblemList(QWidget):
    """Icon, heading and sentences; takes no room while there is nothing to say."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._problems: Sequence[ListedProblem] = ()
        self._icon = QLabel(self)
        self._icon.setFixedWidth(_ICON)
        self._text = QLabel(self)
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.RichText)
        self._text.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.LinksAccessibleByMouse)
        self._text.setAccessibleName(self.tr("Problems"))
        self._text.linkActivated.connect(self._follow)
        self._scroll = QScrollArea(self)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setWidget(self._text)
        self._scroll.viewport().setAutoFillBackground(False)
        self._text.setAutoFillBackground(False)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(_GAP)
        layout.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self._scroll, 1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._plain = ""
        self.hide()

    @property
    def text(self) -> str:
        """Everything that is shown, without links; empty while there is nothing."""
        return self._plain

    @property
    def problems(self) -> Sequence[ListedProblem]:
        """What is shown as a list."""
        return self._problems

    def show_message(self, text: str, severity: Severity = Severity.ERROR) -> None:
        """Show one sentence without a link, or hide when it is empty."""
        self._problems = ()
        self._show(text, escape(text), severity)

    def show_problems(self, heading: str, problems: Sequence[ListedProblem]) -> None:
        """Show PROBLEMS below HEADING, or hide when there are none."""
        self._problems = problems
        if not problems:
            self._show("", "", Severity.NOTE)
            return
        lines, plain = [f"<b>{escape(heading)}</b>"], [heading]
        for number, problem in enumerate(problems):
            text = escape(problem.text)
            if problem.place and problem.follow is not None:
                text = f'<a href="{number}">{escape(problem.place)}</a>: {text}'
            elif problem.place:
                text = f"{escape(problem.place)}: {text}"
            lines.append(text)
            plain.append(f"{problem.place}: {problem.text}" if problem.place else problem.text)
        worst = min((problem.severity for problem in problems), key=list(Severity).index)
        self._show("\n".join(plain), "<br>".join(lines), worst)

    def clear(self) -> None:
        """Hide the list."""
        self.show_message("")

    def _show(self, plain: str, html: str, severity: Severity) -> None:
        self._plain = plain
        self._text.setText(html)
        links = any(problem.follow is not None for problem in self._problems)
        flags = Qt.TextInteractionFlag.LinksAccessibleByMouse
        if links:
            flags |= Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        self._text.setTextInteractionFlags(flags)
        self._text.setFocusPolicy(
            Qt.FocusPolicy.StrongFocus if links else Qt.FocusPolicy.NoFocus
        )
        if plain:
            ratio = self.devicePixelRatioF()
            self._icon.setPixmap(picture(severity.value, _ICON, ratio))
        self.setVisible(bool(plain))
        self._fit()

    def _follow(self, link: str) -> None:
        follow = self._problems[int(link)].follow
        if follow is not None:
            follow()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take as many lines as the width needs, up to a few."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        width = max(80, self.width() - _ICON - _GAP)
        most = self._text.fontMetrics().lineSpacing() * _MOST_LINES + 4
        needed = self._text.heightForWidth(width)
        height = max(_ICON, min(needed, most))
        if height != self.maximumHeight():
            # The layout of the list would follow only after the next event.
            self._scroll.setFixedHeight(height)
            self.setFixedHeight(height)
