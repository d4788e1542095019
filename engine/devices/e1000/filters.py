"""Which frames an 8254x receives (SDM 3.2.1 to 3.2.3 and 13.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.devices.e1000 import registers as r
from engine.devices.e1000.statistics import BROADCAST

if TYPE_CHECKING:
    from engine.devices.e1000.state import ReceiveState

VLAN_ETHERTYPE = 0x8100
_MULTICAST_SHIFTS = (4, 3, 2, 0)  # by RCTL.MO: which 12 bits of the address select


def accepts(state: ReceiveState, frame: bytes, vlan_type: int = VLAN_ETHERTYPE) -> bool:
    """Tell whether address and VLAN of a frame are listened to."""
    return _vlan_accepted(state, frame, vlan_type) and _address_accepted(state, frame[:6])


def _address_accepted(state: ReceiveState, address: bytes) -> bool:
    control = state.control
    if address[0] & 1:
        if control & r.RCTL_MPE or (address == BROADCAST and control & r.RCTL_BAM):
            return True
    elif control & r.RCTL_UPE:
        return True
    low, high = int.from_bytes(address[:4], "little"), int.from_bytes(address[4:], "little")
    exact = state.addresses
    for n in range(0, len(exact), 2):
        # Address select (bits 17:16 of RAH): 0 is the destination address.
        if exact[n] == low and exact[n + 1] & 0x8003FFFF == r.RAH_AV | high:
            return True
    if not address[0] & 1:
        return False
    bit = high >> _MULTICAST_SHIFTS[control >> 12 & 3] & 0xFFF
    return bool(state.multicast[bit >> 5] >> (bit & 31) & 1)


def _vlan_accepted(state: ReceiveState, frame: bytes, vlan_type: int) -> bool:
    if not state.control & r.RCTL_VFE or int.from_bytes(frame[12:14]) != vlan_type:
        return True
    vlan = int.from_bytes(frame[14:16]) & 0xFFF
    return bool(state.vlans[vlan >> 5] >> (vlan & 31) & 1)
