"""Isochronous transfer descriptors of an EHCI controller: packets that belong to microframes.

Reference: EHCI 1.0, 3.3 and 3.4 (data structures), 4.7 and 4.12 (execution).

Deviations: microframes that have passed since the last look are served together, not lost: the
guest runs meanwhile. Split transactions (siTD) end with an error: they are for full speed behind a
hub, and devices for full speed are the companion's here.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from engine.devices.usb import ehci_registers as r
from engine.devices.usb.bus import Bus, BusWorker

if TYPE_CHECKING:
    from collections.abc import Iterator


_PAGE: Final = 0x1000
_ITD: Final = struct.Struct("<15I")


class IsochronousDescriptors(BusWorker):
    """Serves isochronous descriptors.

    Attributes:
        events: bits of USBSTS that the work has set; whoever has it done takes them.
    """

    def __init__(self, bus: Bus) -> None:
        super().__init__(bus)
        self.events = 0

    def serve(self, address: int, due: range) -> bool:
        """Serve an iTD's transactions of some microframes; tell whether any is or was to do."""
        words = _ITD.unpack(self._read(address + 4, _ITD.size))
        slots, pages = list(words[: r.ITD_TRANSACTIONS]), words[r.ITD_TRANSACTIONS :]
        active = [index for index, slot in enumerate(slots) if slot & r.ITD_ACTIVE]
        served = [index for index in active if index in due]
        for index in served:
            slot = slots[index]
            slots[index] = self._execute(slot, pages) & ~r.ITD_ACTIVE
            if slot & r.ITD_IOC:
                self.events |= r.STS_INT
        if served:
            self._write(address + 4, struct.pack(f"<{r.ITD_TRANSACTIONS}I", *slots))
        return bool(active)

    def _execute(self, slot: int, pages: tuple[int, ...]) -> int:
        """Move what a slot names; return it with length and error bits as they are then."""
        device, endpoint = self._find_device(pages[0] & 0x7F), pages[0] >> 8 & 0xF
        length = (slot & r.ITD_LENGTH) >> 16
        most = (pages[1] & 0x7FF) * max(1, pages[2] & 3)
        error = 0
        if length > most:
            error = r.ITD_BABBLE
        elif not pages[1] & r.ITD_IN:
            if device is not None:  # nobody acknowledges, nobody is missed
                pieces = _pieces(slot, pages, length)
                data = b"".join(self._read(at, stop - start) for at, start, stop in pieces)
                device.data_out(endpoint, data)
        else:
            answer = device.data_in(endpoint, length) if device is not None else None
            data = answer if isinstance(answer, bytes) else b""
            if not isinstance(answer, bytes):
                error = r.ITD_ERROR
            elif len(data) > length:
                error = r.ITD_BABBLE
            moved = min(len(data), length)
            for at, start, stop in _pieces(slot, pages, moved):
                self._write(at, data[start:stop])
            slot = slot & ~r.ITD_LENGTH | moved << 16
        if error:
            self.events |= r.STS_ERROR
        return slot | error

    def retire_split(self, address: int) -> bool:
        """End an siTD (3.4.3): there is no hub that could split a transaction."""
        (state,) = struct.unpack("<I", self._read(address + r.SITD_STATE, 4))
        if not state & r.SITD_ACTIVE:
            return False
        state = state & ~r.SITD_ACTIVE | r.SITD_ERROR
        self._write(address + r.SITD_STATE, struct.pack("<I", state))
        self.events |= r.STS_ERROR | (r.STS_INT if state & r.SITD_IOC else 0)
        return True


def _pieces(slot: int, pages: tuple[int, ...], count: int) -> Iterator[tuple[int, int, int]]:
    """Yield address, first and last byte of each part of ``count`` bytes in one page."""
    done, position = 0, (slot >> 12 & 7) * _PAGE + (slot & _PAGE - 1)
    while done < count:
        page, offset = divmod(position + done, _PAGE)
        part = min(count - done, _PAGE - offset)
        yield (pages[min(page, len(pages) - 1)] & ~(_PAGE - 1)) + offset, done, done + part
        done += part
