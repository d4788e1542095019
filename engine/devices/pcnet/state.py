"""What a saved state of a PCnet holds."""

from __future__ import annotations

from typing import Annotated

import msgspec

from engine.devices.pcnet import registers as r
from engine.pdm import DeviceState
from engine.pdm.mii import TransceiverState

Word = Annotated[int, msgspec.Meta(ge=0, le=0xFFFF)]
Csrs = Annotated[list[Word], msgspec.Meta(min_length=r.CSR_COUNT, max_length=r.CSR_COUNT)]
Bcrs = Annotated[list[Word], msgspec.Meta(min_length=r.BCR_COUNT, max_length=r.BCR_COUNT)]
Prom = Annotated[bytes, msgspec.Meta(min_length=r.APROM_SIZE, max_length=r.APROM_SIZE)]


def _csrs() -> list[int]:
    return [r.CSR_DEFAULTS.get(n, 0) for n in range(r.CSR_COUNT)]


def _bcrs() -> list[int]:
    return [r.BCR_DEFAULTS.get(n, 0) for n in range(r.BCR_COUNT)]


class PcnetState(DeviceState):
    """The whole adapter.

    Attributes:
        aprom: the address PROM, as software sees it. rap: the register that RDP and BDP lead to.
        dword_io: the ports are doublewords.
        csr, bcr: control and status, and bus configuration registers by number.
        receive, transmit: index of the current descriptor of each ring.
        pending: what descriptors without ENP have gathered of a frame; in_frame: there was one
            with STP. overlong: the frame has grown beyond what is sent.
        poll: time (ns) between two looks at the transmit ring.
    """

    aprom: Prom = bytes(r.APROM_SIZE)
    rap: int = 0
    dword_io: bool = False
    csr: Csrs = msgspec.field(default_factory=_csrs)
    bcr: Bcrs = msgspec.field(default_factory=_bcrs)
    receive: int = 0
    transmit: int = 0
    pending: bytearray = msgspec.field(default_factory=bytearray)
    in_frame: bool = False
    overlong: bool = False
    poll: int = 0
    phy: TransceiverState = msgspec.field(default_factory=TransceiverState)
