"""Nodes of the machine list: groups and the machines in them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from app.api.structs import MachineInfo
from app.manager.chooser.definitions import group_name

GROUP_PREFIX = "g="
MACHINE_PREFIX = "m="

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Counts:
    """What is in a group, at any depth."""

    groups: int
    machines: int
    running: int


class MachineNode:
    """One machine in one group; a machine of several groups has several nodes.

    Attributes:
        info: what the service told last.
        number: never used for another node.
        parent: its group.
        row: position among the children of ``parent``.
    """

    __slots__ = ("info", "number", "parent", "row")

    def __init__(self, info: MachineInfo, parent: GroupNode) -> None:
        self.info = info
        self.number = next(_numbers)
        self.parent = parent
        self.row = -1

    @property
    def key(self) -> str:
        """Name of the node that outlives it; VirtualBox's form of ``GUI/LastItemSelected``."""
        return f"{MACHINE_PREFIX}{self.info.id}"


class GroupNode:
    """A group, or the invisible root.

    Attributes:
        path: ``/`` for the root.
        number: never used for another node.
        parent: the group that it is in; None for the root.
        children: groups first, then machines.
        row: position among the children of ``parent``.
    """

    __slots__ = ("_counts", "children", "number", "parent", "path", "row")

    def __init__(self, path: str, parent: GroupNode | None) -> None:
        self.path = path
        self.number = next(_numbers)
        self.parent = parent
        self.children: list[Node] = []
        self.row = -1
        self._counts: Counts | None = None

    @property
    def key(self) -> str:
        """Name of the node that outlives it."""
        return f"{GROUP_PREFIX}{self.path}"

    @property
    def name(self) -> str:
        """Last part of the path."""
        return group_name(self.path)

    def groups(self) -> Iterator[GroupNode]:
        """Yield the groups directly in this one."""
        return (child for child in self.children if isinstance(child, GroupNode))

    def machines(self) -> Iterator[MachineNode]:
        """Yield the machines directly in this group."""
        return (child for child in self.children if isinstance(child, MachineNode))

    def walk(self) -> Iterator[Node]:
        """Yield all nodes below this one, each group before what is in it."""
        for child in self.children:
            yield child
            if isinstance(child, GroupNode):
                yield from child.walk()

    @property
    def counts(self) -> Counts:
        """How much is in the group; kept until :meth:`forget_counts`."""
        if self._counts is None:
            groups = machines = running = 0
            for child in self.children:
                if isinstance(child, GroupNode):
                    inner = child.counts
                    groups += 1 + inner.groups
                    machines += inner.machines
                    running += inner.running
                else:
                    machines += 1
                    running += child.info.state.is_online
            self._counts = Counts(groups, machines, running)
        return self._counts

    def forget_counts(self) -> None:
        """Something below changed: this group and those around it count anew when asked."""
        node: GroupNode | None = self
        while node is not None:
            node._counts = None
            node = node.parent

    def renumber(self) -> None:
        """Make the rows of the children true again."""
        for row, child in enumerate(self.children):
            child.row = row


Node = GroupNode | MachineNode
