"""What is known about a machine that cannot go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.console.errors import api_error
from engine.dbgf.registers import read_registers

if TYPE_CHECKING:
    from app.console.console import Console


def registers_text(console: Console) -> str:
    """Return the registers of the first CPU, three per line. Blocks.

    Raises:
        ApiError: the machine is off.
    """
    try:
        registers = read_registers(console.vm, 0)
    except Exception as error:
        raise api_error(error) from error
    cells = [f"{name:<8} {value}" for name, value in registers.items()]
    width = max((len(cell) for cell in cells), default=0) + 2
    rows = (cells[start : start + 3] for start in range(0, len(cells), 3))
    return "\n".join("".join(cell.ljust(width) for cell in row).rstrip() for row in rows)
