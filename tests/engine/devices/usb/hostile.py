"""A guest that writes anything into registers."""

from __future__ import annotations

import msgspec
from hypothesis import strategies as st

MILLISECOND = 1_000_000


def write_anything(data, rig, put, end, words):
    """Write words to registers up to ``end``, let time pass, and save the state."""
    for _ in range(20):
        offset = data.draw(st.integers(0, end // 4)) * 4
        put(offset, data.draw(words))
        rig.get(offset)
        rig.advance(data.draw(st.sampled_from([0, MILLISECOND, 9 * MILLISECOND])))
    msgspec.msgpack.decode(
        msgspec.msgpack.encode(rig.hc.state_to_save()), type=type(rig.hc.state)
    )
