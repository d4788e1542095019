"""The machine list: view and delegate (icon of the guest system, name, state below it)."""

from PySide6.QtCore import (
    QAbstractItemModel,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QContextMenuEvent,
    QFont,
    QFontMetrics,
    QIcon,
    QKeyEvent,
    QPainter,
    QPalette,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from app.manager.machine_model import MachineRole

_ICON = 32
_STATE_ICON = 16
_MARGIN = 8
_GAP = 4


class MachineDelegate(QStyledItemDelegate):
    """Paints one machine on two lines; colours and selection come from the style."""

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Paint the item."""
        self.initStyleOption(option, index)
        style = option.widget.style()
        style.drawPrimitive(
            QStyle.PrimitiveElement.PE_PanelItemViewItem, option, painter, option.widget
        )
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        active = bool(option.state & QStyle.StateFlag.State_Active)
        group = QPalette.ColorGroup.Active if active else QPalette.ColorGroup.Inactive
        role = QPalette.ColorRole.HighlightedText if selected else QPalette.ColorRole.Text
        painter.save()
        painter.setPen(option.palette.color(group, role))
        area = option.rect.adjusted(_MARGIN, _GAP, -_MARGIN, -_GAP)
        icon_area = QRect(area.left(), area.center().y() - _ICON // 2, _ICON, _ICON)
        option.icon.paint(painter, icon_area)

        text = area.adjusted(_ICON + _MARGIN, 0, 0, 0)
        name_font = _name_font(option.font)
        name_height = QFontMetrics(name_font).height()
        state_height = max(option.fontMetrics.height(), _STATE_ICON)
        top = text.center().y() - (name_height + _GAP + state_height) // 2
        painter.setFont(name_font)
        name = QFontMetrics(name_font).elidedText(
            option.text, Qt.TextElideMode.ElideRight, text.width()
        )
        align = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRect(text.left(), top, text.width(), name_height), align, name)

        state_top = top + name_height + _GAP
        state_icon: QIcon = index.data(MachineRole.STATE_ICON)
        icon_area = QRect(text.left(), state_top, _STATE_ICON, state_height)
        if selected:
            # The icons' colours are made for the list's background, not for that of selections.
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.save()
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(option.palette.base())
            painter.drawRoundedRect(icon_area.adjusted(-1, -1, 1, 1), 4, 4)
            painter.restore()
        state_icon.paint(painter, icon_area)
        painter.setFont(option.font)
        state = text.adjusted(_STATE_ICON + _GAP + 2, 0, 0, 0)
        painter.drawText(
            QRect(state.left(), state_top, state.width(), state_height),
            align,
            option.fontMetrics.elidedText(
                index.data(MachineRole.STATE_TEXT), Qt.TextElideMode.ElideRight, state.width()
            ),
        )
        painter.restore()

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """Return the height of two lines of text, at least that of the icon."""
        self.initStyleOption(option, index)
        metrics = QFontMetrics(_name_font(option.font))
        state_height = max(option.fontMetrics.height(), _STATE_ICON)
        text_height = metrics.height() + _GAP + state_height
        width = _MARGIN * 3 + _ICON + metrics.horizontalAdvance(option.text)
        return QSize(width, max(_ICON, text_height) + 2 * _MARGIN)


class MachineView(QListView):
    """Single-column list of machines.

    Signals:
        menu_requested(QPoint, bool): a context menu is wanted at this place of the screen, for the
            current machine (True) or for the list itself.
        start_requested(): a machine was double-clicked, or Enter was pressed on it.
    """

    menu_requested = Signal(QPoint, bool)
    start_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setItemDelegate(MachineDelegate(self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setUniformItemSizes(True)
        self.setMinimumWidth(180)
        self.setAccessibleName(self.tr("Machines"))
        # Not "activated": on some desktops a single click activates.
        self.doubleClicked.connect(self.start_requested)

    def setModel(self, model: QAbstractItemModel | None) -> None:
        """Show MODEL; from now on what is current is selected too."""
        super().setModel(model)
        # Qt makes a row current without selecting it when the list gets the focus or when the
        # selected row goes, and clears the selection at a click beside the rows. Each would show
        # the details of a machine that is not marked.
        selection = self.selectionModel()
        later = Qt.ConnectionType.QueuedConnection
        selection.currentChanged.connect(self._select_current, later)
        selection.selectionChanged.connect(self._select_current, later)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Enter start the current machine."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self.currentIndex().isValid():
            self.start_requested.emit()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for a menu at the mouse, or at the current machine when it comes from a key."""
        position, index = event.pos(), self.indexAt(event.pos())
        if event.reason() is QContextMenuEvent.Reason.Keyboard:
            index = self.currentIndex()
            position = self.visualRect(index).center()
        self.menu_requested.emit(self.viewport().mapToGlobal(position), index.isValid())

    def _select_current(self) -> None:
        current = self.currentIndex()
        if current.isValid() and not self.selectionModel().isSelected(current):
            self.selectionModel().select(
                current, QItemSelectionModel.SelectionFlag.ClearAndSelect
            )


def _name_font(base: QFont) -> QFont:
    font = QFont(base)
    font.setWeight(QFont.Weight.DemiBold)
    return font
