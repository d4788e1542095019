"""The tree view of the machine list."""

from __future__ import annotations

from PySide6.QtCore import (
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    Qt,
    Signal,
)
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QTreeView, QWidget

from app.manager.chooser.delegate import ChooserDelegate
from app.manager.chooser.model import ChooserModel
from app.manager.chooser.nodes import GroupNode, MachineNode, Node

_SELECT = QItemSelectionModel.SelectionFlag.ClearAndSelect
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class ChooserView(QTreeView):
    """Tree of groups and machines.

    Signals:
        menu_requested(QPoint): a context menu for the selection is wanted at this place of the
            screen.
        start_requested(): a machine was double-clicked, or Enter was pressed on it.
        tools_requested(QPoint): the tools of the current machine are wanted there.
        root_changed(str): the list shows what is in the group of this path now.
    """

    menu_requested = Signal(QPoint)
    start_requested = Signal()
    tools_requested = Signal(QPoint)
    root_changed = Signal(str)

    def __init__(self, model: ChooserModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._entered = "/"
        self.delegate = ChooserDelegate(self)
        self.setItemDelegate(self.delegate)
        self.setHeaderHidden(True)
        self.setUniformRowHeights(True)
        self.setIndentation(14)
        self.setExpandsOnDoubleClick(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragDrop)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setAutoExpandDelay(700)
        self.setMouseTracking(True)
        self.setMinimumWidth(180)
        self.setAccessibleName(self.tr("Machines"))
        self.setModel(model)
        # Qt makes a row current without selecting it when the list gets the focus or when the
        # selected row goes, and clears the selection at a click beside the rows. Each would show
        # the details of a machine that is not marked.
        later = Qt.ConnectionType.QueuedConnection
        self.selectionModel().currentChanged.connect(self._select_current, later)
        self.selectionModel().selectionChanged.connect(self._select_current, later)
        self.expanded.connect(lambda index: self._store_open(index, opened=True))
        self.collapsed.connect(lambda index: self._store_open(index, opened=False))
        model.rowsInserted.connect(self._on_rows_inserted)
        model.rowsRemoved.connect(self._on_rows_removed)
        self.show_openness()

    # -- selection -----------------------------------------------------------------------------

    def selected_nodes(self) -> list[Node]:
        """Return the selected nodes in the order of the list."""
        nodes = [self._model.node(index) for index in self.selectionModel().selectedIndexes()]
        if len(nodes) > 1:
            places = {id(node): place for place, node in enumerate(self._model.root.walk())}
            nodes.sort(key=lambda node: places[id(node)])
        return nodes

    def select_index(self, index: QModelIndex) -> None:
        """Make INDEX the only selected row and visible."""
        self.selectionModel().setCurrentIndex(index, _SELECT)
        self.scrollTo(index)

    def select_keys(self, keys: list[str]) -> None:
        """Select exactly those of KEYS that are in the list; the first one becomes current."""
        found = [index for key in keys if (index := self._model.index_of_key(key)).isValid()]
        if not found:
            return
        self.select_index(found[0])
        for index in found[1:]:
            self.selectionModel().select(index, QItemSelectionModel.SelectionFlag.Select)

    def clear_selection(self) -> None:
        """Have nothing selected and nothing current."""
        self.selectionModel().clear()

    def _select_current(self) -> None:
        current = self.currentIndex()
        if current.isValid() and not self.selectionModel().hasSelection():
            self.selectionModel().select(current, _SELECT)

    # -- groups --------------------------------------------------------------------------------

    def show_openness(self) -> None:
        """Fold and unfold all groups as the model remembers."""
        for node in self._model.root.walk():
            if isinstance(node, GroupNode):
                self.setExpanded(self._model.index_of(node), self._model.is_open(node.path))

    def _store_open(self, index: QModelIndex, *, opened: bool) -> None:
        node = self._model.node(index)
        if isinstance(node, GroupNode):
            self._model.set_open(node.path, opened)

    def _on_rows_inserted(self, parent: QModelIndex, first: int, last: int) -> None:
        if self._model.node(parent) is not self._model.root:
            # A group that was empty when it was unfolded has lost that.
            group = self._model.node(parent)
            assert isinstance(group, GroupNode)
            self.setExpanded(parent, self._model.is_open(group.path))
        for row in range(first, last + 1):
            node = self._model.node(self._model.index(row, 0, parent))
            if isinstance(node, GroupNode):
                for inner in (node, *node.walk()):
                    if isinstance(inner, GroupNode):
                        opened = self._model.is_open(inner.path)
                        self.setExpanded(self._model.index_of(inner), opened)

    def enter_group(self, path: str) -> None:
        """Show only what is in the group PATH (``/``: everything)."""
        node = self._model.group(path)
        if node is None or path == self._entered:
            return
        self._entered = path
        self.setRootIndex(self._model.index_of(node))
        if node.children:
            self.select_index(self._model.index_of(node.children[0]))
        self.root_changed.emit(path)

    @property
    def entered_group(self) -> str:
        """Path of the group whose inside is shown."""
        return self._entered

    def _on_rows_removed(self) -> None:
        if self._model.group(self._entered) is None:
            self._entered = "/"
            self.setRootIndex(QModelIndex())
            self.root_changed.emit("/")

    # -- keys and mouse ------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Enter start a machine or unfold a group."""
        index = self.currentIndex()
        if event.key() not in _ENTER or self.state() == QAbstractItemView.State.EditingState:
            super().keyPressEvent(event)
        elif isinstance(self._model.node(index), MachineNode):
            self.start_requested.emit()
        elif index.isValid():
            self.setExpanded(index, not self.isExpanded(index))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Open the tools at a click on their button."""
        place = event.position().toPoint()
        index = self.indexAt(place)
        row = self.visualRect(index)
        selected = self.selectionModel().isSelected(index)
        if (
            index.isValid()
            and event.button() is Qt.MouseButton.LeftButton
            and self.delegate.hits_tools(row, place, index, selected=selected)
        ):
            self.select_index(index)
            corner = self.delegate.tools_area(row).bottomLeft()
            self.tools_requested.emit(self.viewport().mapToGlobal(corner))
            return
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Start the machine that was double-clicked."""
        # Not "activated": on some desktops a single click activates.
        node = self._model.node(self.indexAt(event.position().toPoint()))
        if isinstance(node, MachineNode) and event.button() is Qt.MouseButton.LeftButton:
            self.start_requested.emit()
        else:
            super().mouseDoubleClickEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show the tools button of the row under the mouse."""
        index = self.indexAt(event.position().toPoint())
        if self.delegate.hovered != index:
            self.delegate.hovered = QPersistentModelIndex(index)
            self.viewport().update()
        super().mouseMoveEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Hide the tools button of a row that is not selected."""
        self.delegate.hovered = QPersistentModelIndex()
        self.viewport().update()
        super().leaveEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for a menu at the mouse, or at the current row when it comes from a key."""
        position = event.pos()
        if event.reason() is QContextMenuEvent.Reason.Keyboard:
            position = self.visualRect(self.currentIndex()).center()
        elif not self.indexAt(position).isValid():
            self.clear_selection()
        self.menu_requested.emit(self.viewport().mapToGlobal(position))
