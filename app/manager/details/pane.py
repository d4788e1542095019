"""The pane itself: one foldable box per section."""

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QLabel,
    QMenu,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.manager.details.section import Row, Section, Subject, all_sections, section_title
from app.manager.widgets.foldable_box import FoldableBox

_INDENT = 16
_LABEL_CHARACTERS = 29


class DetailsPane(QScrollArea):
    """Shows a subject; the headings ask for the matching settings page.

    Signals:
        page_requested(str): a heading was clicked; carries the settings page.
        folds_changed(): a box was folded or unfolded.
    """

    page_requested = Signal(str)
    folds_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName(self.tr("Details"))
        content = QWidget(self)
        layout = QVBoxLayout(content)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(8)
        self._boxes: dict[str, FoldableBox] = {}
        self._extra_boxes: dict[str, FoldableBox] = {}
        self._shown: dict[str, tuple[Row, ...]] = {}
        for section in all_sections():
            layout.addWidget(self._new_box(section))
        layout.addStretch(1)
        self._content = layout
        self.setWidget(content)

    def insert_box(self, place: int, box: FoldableBox) -> None:
        """Put a box that shows no lines at PLACE among the others; who made it fills it."""
        self._content.insertWidget(place, box)
        box.fold_changed.connect(self.folds_changed)
        self._extra_boxes[box.objectName()] = box

    def _new_box(self, section: Section) -> FoldableBox:
        title = section_title(section)
        box = FoldableBox(
            title,
            section.icon_name,
            heading_tip=self.tr("Open the settings of {title}").format(title=title),
            parent=self,
        )
        grid = QGridLayout(box.body)
        grid.setContentsMargins(30, 0, 8, 4)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(3)
        # The values of all boxes begin below each other.
        grid.setColumnMinimumWidth(0, self.fontMetrics().averageCharWidth() * _LABEL_CHARACTERS)
        grid.setColumnStretch(1, 1)
        box.heading_activated.connect(lambda: self.page_requested.emit(section.page))
        box.fold_changed.connect(self.folds_changed)
        self._boxes[section.name] = box
        return box

    def show_subject(self, subject: Subject) -> None:
        """Show SUBJECT; boxes whose lines did not change are left alone."""
        for section in all_sections():
            rows = tuple(section.rows(subject))
            if self._shown.get(section.name) != rows:
                self._shown[section.name] = rows
                self._fill(self._boxes[section.name], rows)

    def rows(self, section: str) -> tuple[Row, ...]:
        """Return the lines shown in the box SECTION."""
        return self._shown.get(section, ())

    def folded_sections(self) -> list[str]:
        """Return the names of the folded boxes."""
        boxes = {**self._boxes, **self._extra_boxes}
        return [name for name, box in boxes.items() if box.folded]

    def set_folded_sections(self, names: list[str]) -> None:
        """Fold exactly the boxes NAMES."""
        for name, box in {**self._boxes, **self._extra_boxes}.items():
            box.set_folded(name in names)

    def _fill(self, box: FoldableBox, rows: tuple[Row, ...]) -> None:
        grid = box.body.layout()
        assert isinstance(grid, QGridLayout)
        while (item := grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        lines = []
        for number, row in enumerate(rows):
            value = self._value_label(row.value, box.body)
            lines.append(value)
            if not row.label:
                grid.addWidget(value, number, 0, 1, 2)
                continue
            label = QLabel(f"{row.label}:", box.body)
            label.setContentsMargins(_INDENT if row.indent else 0, 0, 0, 0)
            lines.append(label)
            grid.addWidget(label, number, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(value, number, 1)
        box.setVisible(bool(rows))
        # Layouts show what they were given later. Who asks meanwhile how high the box is gets too
        # small an answer, and the box may stay so low that its lines are squeezed.
        for line in lines:
            line.show()
        grid.activate()
        box.updateGeometry()

    def _value_label(self, text: str, parent: QWidget) -> QLabel:
        value = QLabel(text, parent)
        value.setTextFormat(Qt.TextFormat.PlainText)
        value.setWordWrap(True)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        value.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        value.customContextMenuRequested.connect(
            lambda position: self._show_value_menu(value, position)
        )
        return value

    def _show_value_menu(self, value: QLabel, position: QPoint) -> None:
        menu = QMenu(value)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        copy = menu.addAction(self.tr("&Copy Value"))
        copy.triggered.connect(lambda: QGuiApplication.clipboard().setText(value.text()))
        menu.popup(value.mapToGlobal(position))
