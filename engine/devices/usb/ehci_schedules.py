"""The schedules of queue heads and transfer descriptors that an EHCI controller works through.

Reference: EHCI 1.0, 3 (data structures), 4.6 to 4.10 (traversal and execution).

Deviations: a transfer descriptor is served at once as far as the device goes along, not a packet
per turn. Split transactions find nobody, because there are no hubs behind the root hub.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, Final

from engine.devices.usb import ehci_registers as r
from engine.devices.usb.bus import Bus, BusWorker
from engine.devices.usb.ehci_isochronous import IsochronousDescriptors
from engine.vusb.device import Handshake

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from engine.vusb.device import UsbDevice

# Bounds on the work of a visit: schedules are the guest's, and may be loops.
MOST_ELEMENTS: Final = 1024
MOST_TRANSFERS: Final = 128
_PAGE: Final = 0x1000
_QTD: Final = struct.Struct("<8I")


class QueueHead:
    """A queue head as it was read from memory.

    Attributes:
        following, alternate, token, buffers: the overlay, which is a transfer descriptor.
    """

    token: int
    buffers: list[int]
    __slots__ = (
        "address", "alternate", "buffers", "characteristics", "current", "following", "link",
        "masks", "token",
    )  # fmt: skip

    def __init__(self, address: int, data: bytes) -> None:
        self.address = address
        (
            self.link, self.characteristics, self.masks, self.current,
            self.following, self.alternate, self.token, *self.buffers,
        ) = struct.unpack("<12I", data)  # fmt: skip

    @property
    def max_packet(self) -> int:
        """Bytes of a packet; a queue head that has none is taken for the smallest."""
        return self.characteristics >> 16 & 0x7FF or 8

    @property
    def left(self) -> int:
        """Bytes of the transfer that have not been moved."""
        return self.token >> 16 & 0x7FFF

    def next_descriptor(self) -> int | None:
        """Return where the queue goes on (4.10.2); None at its end."""
        short = self.left and not self.alternate & r.TERMINATE
        link = self.alternate if short else self.following
        return None if link & r.TERMINATE else link & r.LINK_MASK

    def pieces(self, count: int) -> Iterator[tuple[int, int, int]]:
        """Yield address, first and last byte of each part of ``count`` bytes in one page."""
        done, position = 0, self.position
        while done < count:
            page, offset = divmod(position + done, _PAGE)
            part = min(count - done, _PAGE - offset)
            yield (self.buffers[page] & ~(_PAGE - 1)) + offset, done, done + part
            done += part

    @property
    def position(self) -> int:
        """Bytes from the start of the first page to where the transfer is."""
        return (self.token >> 12 & 7) * _PAGE + (self.buffers[0] & _PAGE - 1)

    @property
    def room(self) -> int:
        """Bytes from the present position to the end of the five pages."""
        return r.QTD_PAGES * _PAGE - self.position

    def advance(self, moved: int) -> None:
        """Note that bytes have been moved: position, count and data toggle."""
        packets = max(1, -(-moved // self.max_packet))
        position = self.position + moved
        page = min(position // _PAGE, 7)
        self.buffers[0] = self.buffers[0] & ~(_PAGE - 1) | position & _PAGE - 1
        token = self.token & ~(0x7FFF << 16 | 7 << 12) | self.left - moved << 16 | page << 12
        self.token = token ^ (r.QTD_TOGGLE if packets & 1 else 0)


class Schedules(BusWorker):
    """Works through both schedules.

    Attributes:
        events: bits of USBSTS that the work has set; whoever has it done takes them.
    """

    def __init__(self, bus: Bus) -> None:
        super().__init__(bus)
        self._isochronous = IsochronousDescriptors(bus)
        self.events = 0
        self._budget = 0

    def take_events(self) -> int:
        """Return the bits of USBSTS that the work has set since the last time."""
        events = self.events | self._isochronous.events
        self.events = self._isochronous.events = 0
        return events

    def serve_periodic(self, frames: Iterable[tuple[int, range]]) -> bool:
        """Work through the lists of some frames; tell whether anything has gone on.

        Args:
            frames: of each the head of its list, and its microframes whose time has come.
        """
        self._budget = MOST_TRANSFERS
        progress = False
        seen: set[int] = set()
        for head, due in frames:
            link = head
            while not link & r.TERMINATE and link not in seen and len(seen) < MOST_ELEMENTS:
                seen.add(link)
                kind, address = link >> 1 & 3, link & r.LINK_MASK
                if kind == r.TYPE_QH:
                    qh = QueueHead(address, self._read(address, r.QH_SIZE))
                    link = qh.link
                    if qh.masks & r.S_MASK:
                        progress |= self._serve_queue(qh)
                else:
                    (link,) = struct.unpack("<I", self._read(address, 4))
                    if kind == r.TYPE_ITD:
                        progress |= self._isochronous.serve(address, due)
                    elif kind == r.TYPE_SITD:
                        progress |= self._isochronous.retire_split(address)
        return progress

    def serve_asynchronous(self, address: int) -> bool:
        """Go once around the circle of queue heads; tell whether anything has gone on."""
        self._budget = MOST_TRANSFERS
        progress = False
        seen: set[int] = set()
        while address not in seen and len(seen) < MOST_ELEMENTS:
            seen.add(address)
            qh = QueueHead(address, self._read(address, r.QH_SIZE))
            progress |= self._serve_queue(qh)
            if qh.link & r.TERMINATE or qh.link >> 1 & 3 != r.TYPE_QH:
                break
            address = qh.link & r.LINK_MASK
        return progress

    # ------------------------------------------------------------------ queues

    def _serve_queue(self, qh: QueueHead) -> bool:
        """Serve the transfers of a queue until one has to wait; tell whether any has gone on."""
        progress = False
        while self._budget > 0 and not qh.token & r.QTD_HALTED:
            self._budget -= 1
            if not qh.token & r.QTD_ACTIVE and not self._load_descriptor(qh):
                break
            moved = self._execute(qh)
            if moved is None:
                break
            progress = True
            if qh.token & r.QTD_ACTIVE:
                break  # the device wants to be asked for the rest later
        return progress

    def _load_descriptor(self, qh: QueueHead) -> bool:
        """Overlay the next transfer descriptor (4.10.2); False: there is none to execute."""
        address = qh.next_descriptor()
        if address is None or qh.characteristics & r.EP_INACTIVATE:
            return False
        following, alternate, token, *buffers = _QTD.unpack(self._read(address, r.QTD_SIZE))
        if not token & r.QTD_ACTIVE:
            return False
        if not qh.characteristics & r.EP_TOGGLE_CONTROL:
            token = token & ~r.QTD_TOGGLE | qh.token & r.QTD_TOGGLE
        qh.current, qh.following, qh.alternate = address, following, alternate
        qh.token, qh.buffers = token, buffers
        return True

    def _execute(self, qh: QueueHead) -> int | None:
        """Move the data of the overlay; return how many bytes, None for not yet any."""
        pid, length = qh.token >> 8 & 3, qh.left
        device = self._find_device(qh.characteristics & 0x7F)
        if length > qh.room:
            moved, error = 0, r.QTD_BUFFER_ERROR
        elif device is None or pid > r.PID_SETUP or (
            qh.characteristics & r.EP_SPEED != r.EP_HIGH_SPEED
        ):  # fmt: skip
            moved, error = 0, r.QTD_TRANSACTION_ERROR
        elif pid == r.PID_IN:
            moved, error = self._move_in(device, qh, length)
        else:
            moved, error = self._move_out(device, qh, pid, length)
        if error < 0 and not moved:
            self._write_overlay(qh)
            return None
        if moved or not error:
            qh.advance(moved)
        if error >= 0:
            self._retire(qh, error, short=pid == r.PID_IN and moved < length)
        self._write_overlay(qh)
        return moved

    def _retire(self, qh: QueueHead, error: int, *, short: bool) -> None:
        """End a transfer (4.10.4): its token goes back to the descriptor that it came from."""
        qh.token &= ~r.QTD_ACTIVE
        if error:
            qh.token |= r.QTD_HALTED | error
            if error & r.QTD_TRANSACTION_ERROR:
                qh.token &= ~r.QTD_ERROR_COUNT
            self.events |= r.STS_ERROR
        if qh.token & r.QTD_IOC or (short and not error):
            self.events |= r.STS_INT
        self._write(qh.current + r.QTD_TOKEN, struct.pack("<I", qh.token))

    def _write_overlay(self, qh: QueueHead) -> None:
        overlay = (qh.current, qh.following, qh.alternate, qh.token, *qh.buffers)
        self._write(qh.address + r.QH_CURRENT, struct.pack("<9I", *overlay))

    def _move_in(self, device: UsbDevice[Any], qh: QueueHead, length: int) -> tuple[int, int]:
        """Fetch data; return the bytes moved, and the error bits: -1 for NAK."""
        endpoint = qh.characteristics >> 8 & 0xF
        moved = 0
        while True:
            data = device.data_in(endpoint, length - moved)
            if data is Handshake.NAK:
                return moved, -1
            if not isinstance(data, bytes):
                return moved, r.QTD_HALTED
            if len(data) > length - moved:
                return moved, r.QTD_BABBLE
            for address, start, stop in _skip(qh, moved, len(data)):
                self._write(address, data[start:stop])
            moved += len(data)
            if moved == length or not data or len(data) % qh.max_packet:
                return moved, 0

    def _move_out(
        self, device: UsbDevice[Any], qh: QueueHead, pid: int, length: int
    ) -> tuple[int, int]:
        data = b"".join(self._read(at, stop - start) for at, start, stop in qh.pieces(length))
        endpoint = qh.characteristics >> 8 & 0xF
        if pid == r.PID_SETUP:
            answer = device.setup(data) if not endpoint else Handshake.STALL
        else:
            answer = device.data_out(endpoint, data)
        if answer is Handshake.ACK:
            return length, 0
        return 0, (-1 if answer is Handshake.NAK else r.QTD_HALTED)


def _skip(qh: QueueHead, skipped: int, count: int) -> Iterator[tuple[int, int, int]]:
    """Yield the pieces of ``count`` bytes that come after ``skipped`` others."""
    for address, start, stop in qh.pieces(skipped + count):
        if stop > skipped:
            first = max(start, skipped)
            yield address + first - start, first - skipped, stop - skipped
