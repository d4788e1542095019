"""The adapter's part of a saved state: video memory as blocks, and checks of what comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.devices.vga import registers as r
from engine.devices.vga import vbe
from engine.devices.vga.registers import VgaState, VramBlock
from engine.errors import SavedStateError

if TYPE_CHECKING:
    from numpy.typing import NDArray

BLOCK = 0x10000


def blocks(memory: NDArray[np.uint8]) -> list[VramBlock]:
    """Return the blocks of video memory that are not zero."""
    return [
        VramBlock(offset=offset, data=memory[offset : offset + BLOCK].tobytes())
        for offset in range(0, len(memory), BLOCK)
        if memory[offset : offset + BLOCK].any()
    ]


def restore(saved: list[VramBlock], memory: NDArray[np.uint8]) -> None:
    """Put blocks back into video memory; the rest becomes zero."""
    memory.fill(0)
    for block in saved:
        data = np.frombuffer(block.data, np.uint8)
        memory[block.offset : block.offset + len(data)] = data


def check(state: VgaState, vram_size: int) -> None:
    """Refuse a saved state that an adapter with ``vram_size`` bytes could not have written.

    Raises:
        SavedStateError: says what is wrong.
    """
    fresh = VgaState()
    for name in ("sequencer", "graphics", "crtc", "attribute", "dac_pending", "dac"):
        length, expected = len(getattr(state, name)), len(getattr(fresh, name))
        if length != expected:
            raise SavedStateError(f"vga: the saved {name} has {length} bytes, not {expected}.")
    for name, limit in (
        ("sequencer_index", 8), ("graphics_index", 16), ("crtc_index", 32),
        ("attribute_index", 64), ("dac_read_index", 256), ("dac_write_index", 256),
        ("dac_component", 3), ("pel_mask", 256), ("misc", 256), ("latch", 1 << 32),
    ):  # fmt: skip
        value = getattr(state, name)
        if not 0 <= value < limit:
            raise SavedStateError(f"vga: {name} is {value} in the saved state.")
    for block in state.vram:
        if not 0 <= block.offset <= vram_size - len(block.data):
            raise SavedStateError(
                f"vga: the saved state has video memory at {block.offset:#x}, "
                f"the adapter has {vram_size // r.MIB} MiB."
            )
    vbe.check(state.dispi, vram_size)
