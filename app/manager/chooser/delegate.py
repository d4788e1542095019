"""Paints the rows of the machine list: icon, name, and state or counts below it."""

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QIcon, QKeyEvent, QPainter, QPalette
from PySide6.QtWidgets import (
    QLineEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from app.common.icons import icon
from app.manager.machine_model import MachineRole
from app.manager.widgets.plated_icons import paint_plate

_ICON = 32
_STATE_ICON = 16
_TOOL = 20
_MARGIN = 6
_GAP = 3
_MATCH = QColor(238, 154, 45, 120)
_ALIGN = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter

_Index = QModelIndex | QPersistentModelIndex


class ChooserDelegate(QStyledItemDelegate):
    """Paints one row on two lines; colours and selection come from the style.

    Attributes:
        search_text: marked where it occurs in names.
        hovered: the row under the mouse.
        offers_tools: machines have a button for their tools.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.search_text = ""
        self.hovered = QPersistentModelIndex()
        self.offers_tools = False
        self._fonts: dict[str, tuple[QFont, QFont]] = {}

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Paint the row."""
        self.initStyleOption(option, index)
        option.widget.style().drawPrimitive(
            QStyle.PrimitiveElement.PE_PanelItemViewItem, option, painter, option.widget
        )
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        active = bool(option.state & QStyle.StateFlag.State_Active)
        group = QPalette.ColorGroup.Active if active else QPalette.ColorGroup.Inactive
        role = QPalette.ColorRole.HighlightedText if selected else QPalette.ColorRole.Text
        painter.save()
        painter.setPen(option.palette.color(group, role))
        area = option.rect.adjusted(2, _GAP, -_MARGIN, -_GAP)
        option.icon.paint(
            painter, QRect(area.left(), area.center().y() - _ICON // 2, _ICON, _ICON)
        )
        if self._shows_tools(index, selected=selected):
            tools_area = self.tools_area(option.rect)
            if selected:
                paint_plate(painter, tools_area, option.palette)
            icon("tools").paint(painter, tools_area)
            area.setRight(area.right() - _TOOL - _MARGIN)
        text = area.adjusted(_ICON + _MARGIN, 0, 0, 0)
        normal, bold = self._font_pair(option.font)
        name_font = bold if self._is_bold(index) else normal
        name_height = QFontMetrics(bold).height()
        state_height = max(option.fontMetrics.height(), _STATE_ICON)
        top = text.center().y() - (name_height + _GAP + state_height) // 2
        self._paint_name(
            painter, QRect(text.left(), top, text.width(), name_height), name_font, option, index
        )
        painter.setFont(normal)
        state = QRect(text.left(), top + name_height + _GAP, text.width(), state_height)
        self._paint_state(painter, state, option, index, selected=selected)
        painter.restore()

    def _paint_name(
        self,
        painter: QPainter,
        area: QRect,
        font: QFont,
        option: QStyleOptionViewItem,
        index: _Index,
    ) -> None:
        metrics = QFontMetrics(font)
        name = metrics.elidedText(option.text, Qt.TextElideMode.ElideRight, area.width())
        if self.search_text:
            place = name.casefold().find(self.search_text.casefold())
            if place >= 0:
                left = metrics.horizontalAdvance(name[:place])
                width = metrics.horizontalAdvance(name[place : place + len(self.search_text)])
                painter.fillRect(area.left() + left, area.top(), width, area.height(), _MATCH)
        painter.setFont(font)
        painter.drawText(area, _ALIGN, name)
        snapshot = index.data(MachineRole.SNAPSHOT_NAME)
        rest = area.adjusted(metrics.horizontalAdvance(f"{name} "), 0, 0, 0)
        if snapshot and rest.width() > 0:
            normal, _bold = self._font_pair(option.font)
            painter.setFont(normal)
            text = option.fontMetrics.elidedText(
                f"({snapshot})", Qt.TextElideMode.ElideRight, rest.width()
            )
            painter.drawText(rest, _ALIGN, text)

    def _paint_state(
        self,
        painter: QPainter,
        area: QRect,
        option: QStyleOptionViewItem,
        index: _Index,
        *,
        selected: bool,
    ) -> None:
        state_icon: QIcon | None = index.data(MachineRole.STATE_ICON)
        if state_icon is not None:
            icon_area = QRect(area.left(), area.top(), _STATE_ICON, area.height())
            if selected:
                paint_plate(painter, icon_area, option.palette)
            state_icon.paint(painter, icon_area)
            area = area.adjusted(_STATE_ICON + _GAP + 2, 0, 0, 0)
        text = option.fontMetrics.elidedText(
            index.data(MachineRole.STATE_TEXT), Qt.TextElideMode.ElideRight, area.width()
        )
        painter.drawText(area, _ALIGN, text)

    def _font_pair(self, base: QFont) -> tuple[QFont, QFont]:
        key = base.key()
        if key not in self._fonts:
            bold = QFont(base)
            bold.setBold(True)
            self._fonts[key] = (QFont(base), bold)
        return self._fonts[key]

    @staticmethod
    def _is_bold(index: _Index) -> bool:
        """Groups are headings; a machine in bold differs from its current snapshot."""
        return index.data(MachineRole.ID) is None or bool(index.data(MachineRole.MODIFIED))

    # -- the button at the right ---------------------------------------------------------------

    def tools_area(self, row: QRect) -> QRect:
        """Return where in ROW the tools button is."""
        top = row.center().y() - _TOOL // 2
        return QRect(row.right() - _MARGIN - _TOOL, top, _TOOL, _TOOL)

    def hits_tools(self, row: QRect, place: QPoint, index: QModelIndex, *, selected: bool) -> bool:
        """Tell whether a click at PLACE in ROW is on the tools button."""
        return self._shows_tools(index, selected=selected) and self.tools_area(row).contains(place)

    def _shows_tools(self, index: _Index, *, selected: bool) -> bool:
        if not self.offers_tools or index.data(MachineRole.ID) is None:
            return False
        return selected or self.hovered == index

    # -- geometry and renaming -----------------------------------------------------------------

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Return the height of two lines of text, at least that of the icon."""
        _normal, bold = self._font_pair(option.font)
        state_height = max(option.fontMetrics.height(), _STATE_ICON)
        text_height = QFontMetrics(bold).height() + _GAP + state_height
        return QSize(_ICON + 4 * _MARGIN, max(_ICON, text_height) + 2 * _MARGIN)

    def createEditor(
        self, parent: QWidget, option: QStyleOptionViewItem, index: _Index
    ) -> QWidget:
        """Edit the name of a group in place."""
        editor = super().createEditor(parent, option, index)
        if isinstance(editor, QLineEdit):
            editor.setAccessibleName(self.tr("Name of the group"))
        return editor

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, _index: _Index
    ) -> None:
        """Put the editor where the name is."""
        height = editor.sizeHint().height()
        area = option.rect.adjusted(_ICON + _MARGIN, _GAP, -_MARGIN, 0)
        area.setHeight(height)
        editor.setGeometry(area)

    def eventFilter(self, editor: QObject, event: QEvent) -> bool:
        """Take the name over with Enter, which the list must not get as well: it unfolds groups."""
        if (
            isinstance(event, QKeyEvent)
            and event.type() is QEvent.Type.KeyPress
            and event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}
            and isinstance(editor, QWidget)
        ):
            self.commitData.emit(editor)
            self.closeEditor.emit(editor)
            return True
        return super().eventFilter(editor, event)
