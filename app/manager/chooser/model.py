"""The machines as a tree of groups: made from their settings, ordered by the definitions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from PySide6.QtCore import (
    QAbstractItemModel,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from app.api.structs import MachineInfo
from app.common.icons import icon
from app.manager.chooser.definitions import (
    ROOT,
    Definition,
    format_definition,
    group_name,
    is_within,
    moved_path,
    parent_path,
    parse_definition,
)
from app.manager.chooser.nodes import GROUP_PREFIX, GroupNode, MachineNode, Node
from app.manager.machine_model import MachineListModel, MachineRole, machine_data

MIME_TYPE: Final = "application/x-vitrine-machines"

_Index = QModelIndex | QPersistentModelIndex
_Children = dict[str, tuple[list[str], list[MachineInfo]]]


class ChooserModel(QAbstractItemModel):
    """Tree of groups and machines; changes nothing itself but asks for changes by signals.

    Signals:
        rename_requested(str, str): the group of this path shall get this name.
        drop_requested(object, str, str, int): the nodes with these keys (a list) were dropped on
            the group of this path; on the machine of this id there, if it is not empty; before
            the child of this row, or at the end for -1.
        order_changed(): a person opened, closed or moved something: definitions are to be stored.
    """

    rename_requested = Signal(str, str)
    drop_requested = Signal(object, str, str, int)
    order_changed = Signal()

    def __init__(self, machines: MachineListModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._machines = machines
        self._root = GroupNode(ROOT, None)
        self._groups: dict[str, GroupNode] = {ROOT: self._root}
        self._numbered: dict[int, Node] = {}
        self._nodes: dict[str, list[MachineNode]] = {}
        self._definitions: dict[str, Definition] = {}
        self._closed: set[str] = set()
        self._holds = 0
        machines.rowsInserted.connect(self.sync)
        machines.rowsRemoved.connect(self.sync)
        machines.dataChanged.connect(self._on_data_changed)
        self.sync()

    # -- questions -----------------------------------------------------------------------------

    @property
    def root(self) -> GroupNode:
        """The invisible group that holds everything."""
        return self._root

    def group(self, path: str) -> GroupNode | None:
        """Return the group PATH, or None when there is none."""
        return self._groups.get(path)

    def group_paths(self) -> list[str]:
        """Return the paths of all groups in the order of the list, without the root."""
        return [node.path for node in self._root.walk() if isinstance(node, GroupNode)]

    def node(self, index: _Index) -> Node:
        """Return what is at INDEX; the root for an invalid one."""
        # Numbers instead of pointers: an index that somebody kept may outlive its node.
        return self._numbered.get(index.internalId(), self._root) if index.isValid() else self._root

    def index_of(self, node: Node) -> QModelIndex:
        """Return the index of NODE; an invalid one for the root."""
        return QModelIndex() if node is self._root else self.createIndex(node.row, 0, node.number)

    def index_of_machine(self, machine_id: str) -> QModelIndex:
        """Return the index of the first node of MACHINE_ID; an invalid one when it has none."""
        nodes = self._nodes.get(machine_id)
        return self.index_of(nodes[0]) if nodes else QModelIndex()

    def index_of_key(self, key: str) -> QModelIndex:
        """Return the index of the node that has (or had) KEY; plain machine ids are keys too."""
        if key.startswith(GROUP_PREFIX):
            node = self._groups.get(key[len(GROUP_PREFIX):])
            return self.index_of(node) if node is not None else QModelIndex()
        return self.index_of_machine(key.removeprefix("m="))

    def is_open(self, path: str) -> bool:
        """Tell whether the group PATH shall be unfolded."""
        return path not in self._closed

    # -- definitions ---------------------------------------------------------------------------

    def definitions(self) -> dict[str, str]:
        """Return the definitions of all groups by path, as they are to be stored."""
        found = {}
        for path, node in self._groups.items():
            groups = {child.name: self.is_open(child.path) for child in node.groups()}
            machines = [child.info.id for child in node.machines()]
            found[path] = format_definition(Definition(groups, machines))
        return found

    def set_definitions(self, texts: Mapping[str, str]) -> None:
        """Take over stored definitions by path; groups without one keep their order."""
        for path, text in texts.items():
            definition = parse_definition(text)
            self._definitions[path] = definition
            for name, opened in definition.groups.items():
                inner = f"{path.rstrip('/')}/{name}"
                (self._closed.discard if opened else self._closed.add)(inner)
        self.sync()

    def set_open(self, path: str, opened: bool) -> None:
        """Remember that a person folded or unfolded the group PATH."""
        if opened != self.is_open(path):
            (self._closed.discard if opened else self._closed.add)(path)
            self.order_changed.emit()

    def put_order(self, path: str, keys: Sequence[str]) -> None:
        """Order what is or will be in the group PATH like KEYS (paths of groups, ids of machines).

        Only the next synchronization makes it visible: see :meth:`holding`.
        """
        groups = {
            group_name(key[2:]): self.is_open(key[2:]) for key in keys if key.startswith("g=")
        }
        self._definitions[path] = Definition(groups, [key[2:] for key in keys if key[0] == "m"])

    def carry_over(self, renamed: Mapping[str, str]) -> None:
        """Keep order and openness of groups that get other paths (before to after)."""
        for before, after in renamed.items():
            for known in [path for path in self._definitions if is_within(path, before)]:
                self._definitions[moved_path(known, before, after)] = self._definitions.pop(known)
            for path in [path for path in self._closed if is_within(path, before)]:
                self._closed.discard(path)
                self._closed.add(moved_path(path, before, after))

    @contextmanager
    def holding(self) -> Iterator[None]:
        """Let the tree stand still during a block of changes, and follow at its end."""
        self._holds += 1
        try:
            yield
        finally:
            self._holds -= 1
            self.sync()

    # -- following the list --------------------------------------------------------------------

    def sync(self) -> None:
        """Make the tree what machines and definitions say, with the fewest changes."""
        if self._holds:
            return
        children: _Children = {ROOT: ([], [])}
        for machine in self._machines.machines():
            for path in machine.groups or (ROOT,):
                _declare(children, path)
                children[path][1].append(machine)
        for path, (groups, machines) in children.items():
            definition = self._definitions.get(path)
            if definition is not None:
                places = {name: place for place, name in enumerate(definition.groups)}
                groups.sort(key=lambda inner, p=places: p.get(group_name(inner), len(p)))  # type: ignore[misc]
                places = {machine: place for place, machine in enumerate(definition.machines)}
                machines.sort(key=lambda info, p=places: p.get(info.id, len(p)))  # type: ignore[misc]
        self._sync_group(self._root, children)

    def _sync_group(self, group: GroupNode, wanted: _Children) -> None:
        groups, machines = wanted[group.path]
        keys = [*(f"g={path}" for path in groups), *(f"m={info.id}" for info in machines)]
        self._remove_all_but(group, set(keys))
        have = {child.key for child in group.children}
        self._permute(group, [key for key in keys if key in have])
        infos = {f"m={info.id}": info for info in machines}
        row = 0
        while row < len(keys):
            if keys[row] in have:
                row += 1
                continue
            last = row
            while last + 1 < len(keys) and keys[last + 1] not in have:
                last += 1
            self._insert(group, row, keys[row : last + 1], infos, wanted)
            row = last + 1
        for child in list(group.groups()):
            if child.key in have:
                self._sync_group(child, wanted)
        for node in group.machines():
            node.info = infos[node.key]

    def _remove_all_but(self, group: GroupNode, kept: set[str]) -> None:
        for row in range(len(group.children) - 1, -1, -1):
            child = group.children[row]
            if child.key in kept:
                continue
            self.beginRemoveRows(self.index_of(group), row, row)
            del group.children[row]
            group.renumber()
            group.forget_counts()
            self._forget(child)
            self.endRemoveRows()
            self._tell_counts(group)

    def _permute(self, group: GroupNode, keys: list[str]) -> None:
        if [child.key for child in group.children] == keys:
            return
        self.layoutAboutToBeChanged.emit()
        places = {key: place for place, key in enumerate(keys)}
        before = [index for index in self.persistentIndexList() if self.node(index).parent is group]
        nodes = [self.node(index) for index in before]
        group.children.sort(key=lambda child: places[child.key])
        group.renumber()
        self.changePersistentIndexList(before, [self.index_of(node) for node in nodes])
        self.layoutChanged.emit()

    def _insert(
        self,
        group: GroupNode,
        row: int,
        keys: Sequence[str],
        infos: Mapping[str, MachineInfo],
        wanted: _Children,
    ) -> None:
        nodes = [
            self._new_group(key[2:], group, wanted)
            if key.startswith(GROUP_PREFIX)
            else self._new_machine(infos[key], group)
            for key in keys
        ]
        self.beginInsertRows(self.index_of(group), row, row + len(nodes) - 1)
        group.children[row:row] = nodes
        group.renumber()
        group.forget_counts()
        self.endInsertRows()
        self._tell_counts(group)

    def _new_machine(self, info: MachineInfo, parent: GroupNode) -> MachineNode:
        node = MachineNode(info, parent)
        self._nodes.setdefault(info.id, []).append(node)
        self._numbered[node.number] = node
        return node

    def _new_group(self, path: str, parent: GroupNode, wanted: _Children) -> GroupNode:
        node = GroupNode(path, parent)
        self._groups[path] = node
        self._numbered[node.number] = node
        groups, machines = wanted[path]
        node.children = [
            *(self._new_group(inner, node, wanted) for inner in groups),
            *(self._new_machine(info, node) for info in machines),
        ]
        node.renumber()
        return node

    def _forget(self, node: Node) -> None:
        del self._numbered[node.number]
        if isinstance(node, MachineNode):
            nodes = self._nodes[node.info.id]
            nodes.remove(node)
            if not nodes:
                del self._nodes[node.info.id]
            return
        del self._groups[node.path]
        for child in node.children:
            self._forget(child)

    def _on_data_changed(self, first: QModelIndex, last: QModelIndex) -> None:
        moved = False
        for machine in self._machines.machines()[first.row() : last.row() + 1]:
            nodes = self._nodes.get(machine.id, ())
            moved |= {node.parent.path for node in nodes} != set(machine.groups or (ROOT,))
            for node in nodes:
                node.info = machine
                node.parent.forget_counts()
                index = self.index_of(node)
                self.dataChanged.emit(index, index)
                self._tell_counts(node.parent)
        if moved:
            self.sync()

    def _tell_counts(self, group: GroupNode | None) -> None:
        while group is not None and group is not self._root:
            index = self.index_of(group)
            self.dataChanged.emit(index, index)
            group = group.parent

    # -- Qt's questions ------------------------------------------------------------------------

    def index(self, row: int, column: int = 0, parent: _Index = QModelIndex()) -> QModelIndex:  # noqa: B008
        """Return the index of a child of PARENT."""
        children = self._children(parent)
        if column == 0 and 0 <= row < len(children):
            return self.createIndex(row, 0, children[row].number)
        return QModelIndex()

    def parent(self, child: _Index = QModelIndex()) -> QModelIndex:  # type: ignore[override]  # noqa: B008
        """Return the index of the group that CHILD is in."""
        group = self.node(child).parent if child.isValid() else None
        return self.index_of(group) if group is not None else QModelIndex()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """Return how many nodes are directly in PARENT."""
        return 0 if parent.column() > 0 else len(self._children(parent))

    def columnCount(self, _parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """Return 1."""
        return 1

    def _children(self, index: _Index) -> Sequence[Node]:
        node = self.node(index)
        return node.children if isinstance(node, GroupNode) else ()

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what Qt and the delegate ask for."""
        node = self.node(index)
        if isinstance(node, MachineNode):
            return machine_data(node.info, role)
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.EditRole:
                return node.name
            case Qt.ItemDataRole.DecorationRole:
                return icon("group")
            case MachineRole.STATE_TEXT:
                return self._counts_text(node)
            case Qt.ItemDataRole.AccessibleTextRole | Qt.ItemDataRole.ToolTipRole:
                text = self.tr("Group {name}: {counts}")
                return text.format(name=node.name, counts=self._counts_text(node))
        return None

    def _counts_text(self, group: GroupNode) -> str:
        counts = group.counts
        texts = [self.tr("Machines: {count}").format(count=counts.machines)]
        if counts.groups:
            texts.insert(0, self.tr("Groups: {count}").format(count=counts.groups))
        if counts.running:
            texts.append(self.tr("Running: {count}").format(count=counts.running))
        return " · ".join(texts)

    def setData(self, index: _Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Ask for another name of a group."""
        node = self.node(index)
        if role != Qt.ItemDataRole.EditRole or not isinstance(node, GroupNode):
            return False
        if str(value) != node.name:
            self.rename_requested.emit(node.path, str(value))
        return True

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """Groups can be renamed; everything can be dragged but machines that cannot be changed."""
        node = self.node(index)
        flags = Qt.ItemFlag.ItemIsDropEnabled
        if node is self._root:
            return flags
        flags |= Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if isinstance(node, GroupNode):
            return flags | Qt.ItemFlag.ItemIsEditable | Qt.ItemFlag.ItemIsDragEnabled
        if node.info.accessible:
            flags |= Qt.ItemFlag.ItemIsDragEnabled
        return flags

    # -- drag and drop -------------------------------------------------------------------------

    def supportedDropActions(self) -> Qt.DropAction:
        """Things are moved, never copied."""
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:
        """Return our own type: nothing else can be dropped."""
        return [MIME_TYPE]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """Pack the keys of nodes and the group that each is in."""
        nodes = [self.node(index) for index in indexes]
        packed = [[node.key, node.parent.path] for node in nodes if node.parent is not None]
        data = QMimeData()
        data.setData(MIME_TYPE, json.dumps(packed).encode())
        return data

    def canDropMimeData(
        self, data: QMimeData, _action: Qt.DropAction, _row: int, _column: int, parent: _Index
    ) -> bool:
        """Refuse to put a group into itself, or a machine onto itself."""
        if not data.hasFormat(MIME_TYPE):
            return False
        target = self.node(parent)
        keys = {key for key, _group in self.unpack(data)}
        place: Node | None = target
        while place is not None:
            if place.key in keys:
                return False
            place = place.parent
        return not (isinstance(target, MachineNode) and any(k.startswith("g=") for k in keys))

    def dropMimeData(
        self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: _Index
    ) -> bool:
        """Ask for the move; nothing is taken away by Qt, the tree follows the settings."""
        if self.canDropMimeData(data, action, row, column, parent):
            target = self.node(parent)
            keys = self.unpack(data)
            if isinstance(target, MachineNode):
                self.drop_requested.emit(keys, target.parent.path, target.info.id, target.row)
            else:
                self.drop_requested.emit(keys, target.path, "", row)
        return False

    @staticmethod
    def unpack(data: QMimeData) -> list[tuple[str, str]]:
        """Return the key of each dragged node and the group that it was in."""
        packed = json.loads(bytes(data.data(MIME_TYPE).data()))
        return [(key, group) for key, group in packed]


def _declare(children: _Children, path: str) -> None:
    """Make sure that PATH and the groups around it are known."""
    if path in children:
        return
    outer = parent_path(path)
    _declare(children, outer)
    children[path] = ([], [])
    children[outer][0].append(path)
