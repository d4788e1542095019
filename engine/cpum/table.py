"""Tables of CPUID leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

Leaf = tuple[int, int, int, int]  # EAX, EBX, ECX, EDX
Table = dict[tuple[int, int], Leaf]  # by leaf and sub-leaf
NOTHING: Final[Leaf] = (0, 0, 0, 0)
# Leaves whose answer depends on ECX (SDM 2, CPUID; APM 3, E.4).
_INDEXED: Final = frozenset({
    0x4, 0x7, 0xB, 0xD, 0xF, 0x10, 0x12, 0x14, 0x17, 0x18, 0x1D, 0x1F, 0x8000_001D,
})  # fmt: skip


def words_of(text: bytes, count: int) -> list[int]:
    """Return a text as little-endian doublewords, filled up with zeros."""
    padded = text.ljust(4 * count, b"\0")
    return [int.from_bytes(padded[i : i + 4], "little") for i in range(0, 4 * count, 4)]


class CpuidTable:
    """What CPUID answers.

    Args:
        leaves: by leaf and sub-leaf; sub-leaf 0 for those that have none.
    """

    def __init__(self, leaves: Table) -> None:
        self._leaves = leaves
        indexed = {number for number, sub_leaf in leaves if sub_leaf}
        self._indexed = indexed | {number for number, _ in leaves if number in _INDEXED}

    def leaf(self, number: int, sub_leaf: int = 0) -> Leaf:
        """Return the registers for a leaf; leaves that do not exist answer zeros."""
        return self._leaves.get((number, sub_leaf if number in self._indexed else 0), NOTHING)

    def is_indexed(self, number: int) -> bool:
        """Tell whether the answer of a leaf depends on ECX."""
        return number in self._indexed

    @property
    def leaves(self) -> Table:
        """All leaves by leaf and sub-leaf."""
        return self._leaves

    def __iter__(self) -> Iterator[tuple[int, int, Leaf]]:
        """Yield leaf, sub-leaf and registers, in order."""
        for number, sub_leaf in sorted(self._leaves):
            yield number, sub_leaf, self._leaves[number, sub_leaf]
