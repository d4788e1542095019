"""What people do with groups: move, make, rename, dissolve, sort."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
from PySide6.QtCore import QObject, Signal

from app.api.errors import ApiError
from app.manager.chooser.definitions import (
    DEFINITIONS_KEY,
    ROOT,
    free_name,
    group_name,
    is_within,
    join_path,
    moved_path,
    name_problem,
    parent_path,
)
from app.manager.chooser.model import ChooserModel
from app.manager.chooser.nodes import GroupNode
from app.manager.layout_memory import LayoutMemory
from app.manager.notifications.center import NotificationCenter
from app.manager.questions import RENAME_GROUP, Questions
from app.manager.service_link import ServiceLink

Item = tuple[str, str]
"""Key of a node (``g=/path`` or ``m=uuid``) and the path of the group that it is in."""


class GroupCommands(QObject):
    """Changes who is in which group; the list shows it at once, the service stores it.

    Signals:
        group_created(str): a new group of this path shall get a name.
        moved(object): the nodes with these keys (a list) are somewhere else now.
    """

    group_created = Signal(str)
    moved = Signal(object)

    def __init__(
        self,
        link: ServiceLink,
        model: ChooserModel,
        memory: LayoutMemory,
        notifications: NotificationCenter,
        questions: Questions,
    ) -> None:
        super().__init__(model)
        self._link = link
        self._model = model
        self._memory = memory
        self._notifications = notifications
        self._questions = questions
        model.rename_requested.connect(self.rename)
        model.drop_requested.connect(self.drop)
        model.order_changed.connect(self.store_order)
        memory.changed.connect(self._on_definition_changed)

    # -- stored order --------------------------------------------------------------------------

    def recall_order(self) -> None:
        """Take the stored order and openness over."""
        stored = self._memory.values(f"{DEFINITIONS_KEY}/")
        self._model.set_definitions(
            {key[len(DEFINITIONS_KEY):]: text for key, text in stored.items()}
        )

    def store_order(self) -> None:
        """Store order and openness of all groups, and forget groups that are gone."""
        definitions = self._model.definitions()
        for path, text in definitions.items():
            self._memory.store(f"{DEFINITIONS_KEY}{path}", text)
        for key in self._memory.values(f"{DEFINITIONS_KEY}/"):
            if key[len(DEFINITIONS_KEY):] not in definitions:
                self._memory.store(key, "")

    def _on_definition_changed(self, key: str, text: str) -> None:
        if key.startswith(f"{DEFINITIONS_KEY}/") and text:
            self._model.set_definitions({key[len(DEFINITIONS_KEY):]: text})

    # -- commands ------------------------------------------------------------------------------

    def drop(self, items: Sequence[Item], path: str, machine_id: str, row: int) -> None:
        """Move ITEMS into the group PATH before ROW, or into a new group with MACHINE_ID."""
        if machine_id:
            self.group([(f"m={machine_id}", path), *items], path, row)
        else:
            self.move(items, path, row)

    def group(self, items: Sequence[Item], parent: str, row: int = -1) -> None:
        """Put ITEMS into a new group in PARENT; it wants a name then."""
        holder = self._model.group(parent)
        taken = {node.name for node in holder.groups()} if holder is not None else set()
        path = join_path(parent, free_name(self.tr("New group"), taken))
        self.move(items, path, row)
        if self._model.group(path) is not None:
            self.group_created.emit(path)

    def move(self, items: Sequence[Item], target: str, row: int = -1) -> None:
        """Move ITEMS into the group TARGET, before its child ROW or to the end.

        A group whose name is taken there gets another one, after asking.
        """
        holder = self._model.group(target)
        taken = {node.name for node in holder.groups()} if holder is not None else set()
        renamed: dict[str, str] = {}
        for key, _group in items:
            path = key[2:]
            if key.startswith("g=") and parent_path(path) != target:
                name = free_name(group_name(path), taken)
                taken.add(name)
                renamed[path] = join_path(target, name)
        clash = next((p for p, new in renamed.items() if group_name(p) != group_name(new)), None)
        self._after_asking(clash, lambda: self._move(items, target, row, renamed))

    def _after_asking(self, clash: str | None, action: Callable[[], None]) -> None:
        if clash is None:
            action()
            return
        question = self.tr("There is a group “{name}” already where you move it.")
        self._questions.confirm(
            RENAME_GROUP,
            self.tr("Move group"),
            question.format(name=group_name(clash)),
            self.tr("&Move and Rename"),
            action,
            explanation=self.tr("The group that you move gets a number after its name."),
        )

    def _move(
        self, items: Sequence[Item], target: str, row: int, renamed: dict[str, str]
    ) -> None:
        moved_keys = [
            f"g={renamed.get(key[2:], key[2:])}" if key.startswith("g=") else key
            for key, _group in items
        ]
        homes: dict[str, set[str]] = {}
        for key, group in items:
            if key.startswith("m="):
                homes.setdefault(key[2:], set()).add(group)

        def place(machine_id: str, path: str) -> str:
            if path in homes.get(machine_id, ()):
                return target
            for before, after in renamed.items():
                if is_within(path, before):
                    return moved_path(path, before, after)
            return path

        holder = self._model.group(target)
        keys = [child.key for child in holder.children] if holder is not None else []
        before = keys[row:] if row >= 0 else []
        rest = [key for key in keys if key not in moved_keys]
        at = next((rest.index(key) for key in before if key in rest), len(rest))
        rest[at:at] = moved_keys
        orders = {target: rest}
        outer = self._model.group(parent_path(target))
        if holder is None and outer is not None:
            # A new group comes after the groups that are there.
            groups = [each.key for each in outer.groups() if each.key not in moved_keys]
            machines = [each.key for each in outer.machines() if each.key not in moved_keys]
            orders[outer.path] = [*groups, f"g={target}", *machines]
        self._change(place, orders, renamed)
        self.moved.emit(moved_keys)

    def rename(self, path: str, name: str) -> None:
        """Give the group PATH another name."""
        name = name.strip()
        node = self._model.group(path)
        if node is None or node.parent is None or name == node.name:
            return
        taken = {each.name for each in node.parent.groups() if each is not node}
        if problem := name_problem(name, taken):
            self._notifications.show_error(self.tr("The group was not renamed"), problem)
            return
        after = join_path(node.parent.path, name)
        order = [f"g={after}" if each is node else each.key for each in node.parent.children]
        self._change(
            lambda _id, inner: moved_path(inner, path, after),
            {node.parent.path: order},
            {path: after},
        )
        self.moved.emit([f"g={after}"])

    def ungroup(self, path: str) -> None:
        """Move everything in the group PATH to where the group is."""
        node = self._model.group(path)
        if node is None or node.parent is None:
            return
        items = [(child.key, path) for child in node.children]
        self.move(items, node.parent.path, node.row)

    def sort(self, path: str = ROOT, *, deeply: bool = True) -> None:
        """Sort the group PATH by name, with DEEPLY also the groups in it."""
        node = self._model.group(path)
        if node is None:
            return
        groups = [node]
        if deeply:
            groups += [inner for inner in node.walk() if isinstance(inner, GroupNode)]
        with self._model.holding():
            for group in groups:
                ordered = sorted(group.groups(), key=lambda each: each.name.casefold())
                machines = sorted(group.machines(), key=lambda each: each.info.name.casefold())
                keys = [*(each.key for each in ordered), *(each.key for each in machines)]
                self._model.put_order(group.path, keys)
        self.store_order()

    # -- doing it ------------------------------------------------------------------------------

    def _change(
        self,
        place: Callable[[str, str], str],
        orders: dict[str, list[str]],
        renamed: dict[str, str],
    ) -> None:
        """Give every machine the groups that PLACE says, and groups the order of ORDERS."""
        with self._model.holding():
            self._model.carry_over(renamed)
            for path, keys in orders.items():
                self._model.put_order(path, keys)
            for machine in self._link.model.machines():
                before = machine.groups or [ROOT]
                after = list(dict.fromkeys(place(machine.id, path) for path in before))
                if after != before and machine.accessible:
                    # The list does not wait for the answer; a refusal puts the machine back.
                    self._link.model.put_machine(msgspec.structs.replace(machine, groups=after))
                    self._send(machine.id, machine.name, after)
        self.store_order()

    def _send(self, machine_id: str, name: str, groups: list[str]) -> None:
        def failed(error: ApiError) -> None:
            title = self.tr("“{name}” was not moved").format(name=name)
            self._notifications.show_error(title, error.message)
            self._link.refresh_machine(machine_id)

        params = {"id": machine_id, "groups": groups}
        self._link.call(self, "machine.set_groups", params, None, failed)
