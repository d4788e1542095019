"""A titled box that folds: header with arrow, icon and a heading that may be a link."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.common.icons import icon


class FoldableBox(QFrame):
    """Header and body; the arrow (or Space on it) folds the body away.

    Signals:
        heading_activated(): the heading was clicked.
        fold_changed(bool): the body was folded (True) or unfolded.
    """

    heading_activated = Signal()
    fold_changed = Signal(bool)

    def __init__(
        self, title: str, icon_name: str, *, heading_tip: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._title = title
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.arrow = QToolButton(self)
        self.arrow.setAutoRaise(True)
        self.arrow.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.arrow.clicked.connect(lambda: self.set_folded(not self.folded))
        self.heading = QToolButton(self)
        self.heading.setAutoRaise(True)
        self.heading.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.heading.setCursor(Qt.CursorShape.PointingHandCursor)
        self.heading.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        # Styles put next to nothing between icon and text.
        self.heading.setText(f" {title}")
        self.heading.setAccessibleName(title)
        self.heading.setIcon(icon(icon_name))
        self.heading.setToolTip(heading_tip)
        font = self.heading.font()
        font.setBold(True)
        self.heading.setFont(font)
        self.heading.clicked.connect(self.heading_activated)
        self.body = QWidget(self)
        self.body.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

        header = QHBoxLayout()
        header.setContentsMargins(0, 0, 0, 0)
        header.setSpacing(2)
        header.addWidget(self.arrow)
        header.addWidget(self.heading)
        header.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 4, 6, 6)
        layout.setSpacing(2)
        layout.addLayout(header)
        layout.addWidget(self.body)
        self._show_fold(folded=False)

    @property
    def folded(self) -> bool:
        """True while the body is hidden."""
        return self.body.isHidden()

    def set_folded(self, folded: bool) -> None:
        """Fold or unfold the body."""
        if folded != self.folded:
            self._show_fold(folded=folded)
            self.fold_changed.emit(folded)

    def _show_fold(self, *, folded: bool) -> None:
        self.body.setHidden(folded)
        self.arrow.setIcon(icon("expand" if folded else "collapse"))
        tip = self.tr("Show {title}") if folded else self.tr("Hide {title}")
        self.arrow.setToolTip(tip.format(title=self._title))
        self.arrow.setAccessibleName(self.arrow.toolTip())
