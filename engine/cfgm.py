"""CFGM: the configuration tree from which a VM is built.

The application (or the console runner) describes the machine as a tree of nodes with typed leaf
values, in the shape of the system we follow: ``/RamSize``, ``/Devices/<name>/<instance>/Config``,
``/Devices/<name>/<instance>/LUN#<n>/Driver``. The engine reads nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Value = int | str | bytes | bool


class Node:
    """A node: named children and typed values.

    Attributes:
        path: the place in the tree, for error messages, e.g. ``/Devices/vga/0/Config``.
        values: leaf values by name.
        children: child nodes by name, in the order of their making.
    """

    def __init__(self, path: str = "") -> None:
        self.path = path
        self.values: dict[str, Value] = {}
        self.children: dict[str, Node] = {}

    def child(self, name: str) -> Node:
        """Return the child ``name`` (``a/b/c`` descends), made when it is not there yet."""
        node = self
        for part in name.strip("/").split("/"):
            node = node.children.setdefault(part, Node(f"{node.path}/{part}"))
        return node

    def find(self, name: str) -> Node | None:
        """Return the child at the relative path ``name``, or None."""
        node: Node | None = self
        for part in name.strip("/").split("/"):
            node = node.children.get(part) if node else None
        return node

    def set(self, values: Mapping[str, Value]) -> Node:
        """Set several values and return the node itself."""
        self.values.update(values)
        return self

    def integer(self, name: str, default: int | None = None) -> int:
        """Return an integer value.

        Raises:
            ConfigurationError: it is absent without a default, or of another type.
        """
        value = self.values.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int):
            raise ConfigurationError(f"{self.path}/{name} must be an integer, not {value!r}.")
        return value

    def string(self, name: str, default: str | None = None) -> str:
        """Return a text value.

        Raises:
            ConfigurationError: it is absent without a default, or of another type.
        """
        value = self.values.get(name, default)
        if not isinstance(value, str):
            raise ConfigurationError(f"{self.path}/{name} must be a text, not {value!r}.")
        return value

    def boolean(self, name: str, *, default: bool | None = None) -> bool:
        """Return a truth value.

        Raises:
            ConfigurationError: it is absent without a default, or of another type.
        """
        value = self.values.get(name, default)
        if not isinstance(value, bool):
            raise ConfigurationError(f"{self.path}/{name} must be true or false, not {value!r}.")
        return value

    def walk(self) -> Iterator[Node]:
        """Yield this node and all below it, parents first."""
        yield self
        for node in self.children.values():
            yield from node.walk()

    def dump(self) -> str:
        """Return the tree as text, in the form of the release log's CFGM dump."""
        lines: list[str] = []
        for node in self.walk():
            level = node.path.count("/")
            lines.append(f"[{node.path or ''}/] (level {level})")
            for name, value in node.values.items():
                if isinstance(value, bool | int):
                    number = int(value)
                    lines.append(f"  {name} <integer> = {number:#018x} ({number:,})")
                elif isinstance(value, bytes):
                    lines.append(f'  {name} <bytes> = "{value.hex(" ")}" (cb={len(value)})')
                else:
                    size = len(value.encode()) + 1
                    lines.append(f'  {name} <string> = "{value}" (cb={size})')
        return "\n".join(lines)
