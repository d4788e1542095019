"""The lists of endpoint and transfer descriptors that an OHCI controller works through.

Reference: OpenHCI 1.0a, 4 (data structures) and 6.4 (list processing).

Deviations: a transfer descriptor is served at once as far as the device goes along, not a packet
per turn, so that the bus is faster than 12 Mbit/s. Isochronous packets keep to their frames, but
those of frames that have passed since the last look are served together, not lost: the guest runs
meanwhile, and may find its controller late.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, Final

from engine.devices.usb import ohci_registers as r
from engine.devices.usb.bus import Bus, BusWorker
from engine.vusb.device import Handshake

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.vusb.device import UsbDevice

# Bounds on the work of a frame: lists are the guest's, and may be loops.
MOST_ENDPOINTS: Final = 256
MOST_TRANSFERS: Final = 128
_PAGE: Final = 0x1000


class EndpointDescriptor:
    """An endpoint descriptor as it was read from memory."""

    __slots__ = ("address", "flags", "head", "next", "tail")

    def __init__(self, address: int, data: bytes) -> None:
        self.address = address
        self.flags, self.tail, self.head, self.next = struct.unpack("<IIII", data)

    @property
    def has_work(self) -> bool:
        """Whether there is a transfer to serve (6.4.2.3)."""
        return (
            not self.flags & r.ED_SKIP
            and not self.head & r.ED_HALTED
            and (self.head ^ self.tail) & r.ED_MASK != 0
        )

    @property
    def isochronous(self) -> bool:
        """Whether its transfers belong to frames."""
        return bool(self.flags & r.ED_ISOCHRONOUS)


class ListProcessor(BusWorker):
    """Works through lists; holds the done queue.

    Attributes:
        done_head: last of the finished transfer descriptors, linked to those before it.
        done_delay: frames until the done queue may be told; ``NO_DELAY`` for never.
    """

    def __init__(self, bus: Bus) -> None:
        super().__init__(bus)
        self.done_head = 0
        self.done_delay = r.NO_DELAY
        self._budget = 0
        self._frame = 0
        self._frames = 0

    def begin_frame(self, number: int, frames: int) -> None:
        """Allow as much work as one frame bears.

        Args:
            number: of the frame.
            frames: how many have begun since the last time, with this one.
        """
        self._budget = MOST_TRANSFERS
        self._frame, self._frames = number, frames

    def serve_periodic(self, heads: Iterable[int], *, isochronous: bool) -> bool:
        """Serve one transfer of each interrupt endpoint on these lists, and the packets of frames.

        Args:
            heads: of the lists.
            isochronous: isochronous endpoints, which come last, are served (HcControl.IE).

        Returns:
            Whether a transfer has gone on, or will with time.
        """
        progress = False
        seen: set[int] = set()
        for head in heads:
            for ed in self._endpoints(head, seen):
                if ed.isochronous and not isochronous:
                    break
                if ed.has_work:
                    serve = self._serve_packets if ed.isochronous else self._serve_transfer
                    progress |= serve(ed)
        return progress

    def serve_list(self, head: int) -> tuple[bool, bool]:
        """Serve a control or bulk list.

        Returns:
            Whether an endpoint had work; whether a transfer has gone on.
        """
        work = progress = False
        for ed in self._endpoints(head, set()):
            while ed.has_work and not ed.isochronous and self._budget > 0:
                work = True
                if not self._serve_transfer(ed):
                    break
                progress = True
        return work, progress

    def _endpoints(self, address: int, seen: set[int]) -> Iterable[EndpointDescriptor]:
        address &= r.ED_MASK
        while address and address not in seen and len(seen) < MOST_ENDPOINTS:
            seen.add(address)
            ed = EndpointDescriptor(address, self._read(address, r.ED_SIZE))
            yield ed
            address = ed.next & r.ED_MASK

    # ------------------------------------------------------------------ transfers

    def _serve_transfer(self, ed: EndpointDescriptor) -> bool:
        """Serve the first transfer of an endpoint; tell whether anything has happened."""
        self._budget -= 1
        address = ed.head & r.ED_MASK
        flags, cursor, following, end = struct.unpack("<IIII", self._read(address, r.TD_SIZE))
        direction = ed.flags >> 11 & 3
        if direction not in (r.ED_OUT, r.ED_IN):
            direction = flags >> 19 & 3
        length = _length(cursor, end)
        device = self._find_device(ed.flags & 0x7F)
        if device is None or length is None or direction > r.PID_IN:
            code, moved = r.CC_DEVICE_NOT_RESPONDING, 0
        elif direction == r.PID_IN:
            code, moved = self._move_in(device, ed, cursor, end, length)
        else:
            code, moved = self._move_out(device, ed, direction, cursor, end, length)
        if code < 0 and not moved:
            return False
        packet = ed.flags >> 16 & 0x7FF or 8
        packets = max(1, -(-moved // packet))
        own = flags & r.TD_TOGGLE_OWN
        before = bool(flags & r.TD_TOGGLE if own else ed.head & r.ED_TOGGLE)
        toggle = before is not bool(packets & 1)
        rounding = flags & r.TD_ROUNDING
        if code == r.CC_NO_ERROR and (length or 0) > moved and not rounding:
            code = r.CC_DATA_UNDERRUN
        flags = flags & r.TD_KEPT | r.TD_TOGGLE_OWN | (r.TD_TOGGLE if toggle else 0)
        cursor = 0 if moved == length and code <= 0 else _advance(cursor, end, moved)
        if code < 0:  # the device wants to be asked for the rest later
            self._write(address, struct.pack("<II", flags, cursor))
            return True
        self._retire(ed, address, flags, cursor, following, code, toggle=toggle)
        return True

    def _retire(
        self, ed: EndpointDescriptor, address: int, flags: int, cursor: int, following: int,
        code: int, *, toggle: bool,
    ) -> None:  # fmt: skip
        """Move a transfer descriptor to the done queue (6.4.4.5, 6.4.4.6)."""
        errors = 3 if code == r.CC_DEVICE_NOT_RESPONDING else 0
        flags |= code << 28 | errors << 26
        ed.head = following & r.ED_MASK | (r.ED_TOGGLE if toggle else 0)
        if code != r.CC_NO_ERROR:
            ed.head |= r.ED_HALTED
        self._finish(ed, address, flags, cursor, code)

    def _finish(
        self, ed: EndpointDescriptor, address: int, flags: int, cursor: int, code: int
    ) -> None:
        self._write(address, struct.pack("<III", flags, cursor, self.done_head))
        self.done_head = address
        delay = flags >> 21 & 7 if code == r.CC_NO_ERROR else 0
        self.done_delay = min(self.done_delay, delay)
        self._write(ed.address + 8, struct.pack("<I", ed.head))

    # ------------------------------------------------------------------ isochronous packets

    def _serve_packets(self, ed: EndpointDescriptor) -> bool:
        """Serve the packets of the frames that have begun (6.4.4.3); there was work."""
        while ed.has_work and self._budget > 0:
            self._budget -= 1
            address = ed.head & r.ED_MASK
            data = self._read(address, r.ITD_SIZE)
            flags, first_page, following, end, *packets = struct.unpack("<IIII8H", data)
            last = flags >> 24 & 7
            due = self._frame - flags & 0xFFFF
            if due & 0x8000:
                break  # its frames are to come
            start = max(0, due - self._frames + 1)
            for index in range(start, min(due, last) + 1):
                bounds = packets[index], packets[index + 1] & 0x1FFF if index < last else None
                packets[index] = self._move_packet(ed, first_page, end, *bounds)
            self._write(address + r.TD_SIZE, struct.pack("<8H", *packets))
            if due < last:
                break
            code = r.CC_NO_ERROR if start <= last else r.CC_DATA_OVERRUN  # it came too late
            flags = flags & ~(0xF << 28) | code << 28
            ed.head = following & r.ED_MASK | ed.head & r.ED_TOGGLE
            self._finish(ed, address, flags, first_page, code)
        return True

    def _move_packet(
        self, ed: EndpointDescriptor, first_page: int, end: int, start: int, stop: int | None
    ) -> int:
        """Move a packet from its offset to that of the next one; return its status word."""
        page = end if start & r.ITD_SECOND_PAGE else first_page
        cursor = page & ~(_PAGE - 1) | start & _PAGE - 1
        if stop is None:
            second = start & r.ITD_SECOND_PAGE or (end ^ first_page) & ~(_PAGE - 1)
            stop = (end & _PAGE - 1 | (r.ITD_SECOND_PAGE if second else 0)) + 1
        room = max(0, stop - (start & 0x1FFF))
        device, endpoint = self._find_device(ed.flags & 0x7F), ed.flags >> 7 & 0xF
        if ed.flags >> 11 & 3 == r.ED_OUT:
            if device is not None:
                device.data_out(endpoint, self._gather(cursor, end, room))
            return r.CC_NO_ERROR << 12
        answer = device.data_in(endpoint, room) if device is not None else None
        if not isinstance(answer, bytes):
            return r.CC_DEVICE_NOT_RESPONDING << 12
        self._scatter(cursor, end, 0, answer[:room])
        if len(answer) > room:
            return r.CC_DATA_OVERRUN << 12 | room
        code = r.CC_DATA_UNDERRUN if len(answer) < room else r.CC_NO_ERROR
        return code << 12 | len(answer)

    # ------------------------------------------------------------------ data

    def _move_in(
        self, device: UsbDevice[Any], ed: EndpointDescriptor, cursor: int, end: int, length: int
    ) -> tuple[int, int]:
        """Fetch data; return the condition code, -1 for NAK, and the bytes moved."""
        endpoint, packet = ed.flags >> 7 & 0xF, ed.flags >> 16 & 0x7FF or 8
        moved = 0
        while True:
            data = device.data_in(endpoint, length - moved)
            if data is Handshake.NAK:
                return -1, moved
            if not isinstance(data, bytes):
                return r.CC_STALL, moved
            if len(data) > length - moved:
                return r.CC_DATA_OVERRUN, moved
            self._scatter(cursor, end, moved, data)
            moved += len(data)
            if moved == length or not data or len(data) % packet:
                return r.CC_NO_ERROR, moved

    def _move_out(
        self, device: UsbDevice[Any], ed: EndpointDescriptor, direction: int, cursor: int,
        end: int, length: int,
    ) -> tuple[int, int]:  # fmt: skip
        data = self._gather(cursor, end, length)
        if direction == r.PID_SETUP:
            answer = device.setup(data) if not ed.flags >> 7 & 0xF else Handshake.STALL
        else:
            answer = device.data_out(ed.flags >> 7 & 0xF, data)
        if answer is Handshake.ACK:
            return r.CC_NO_ERROR, length
        return (-1 if answer is Handshake.NAK else r.CC_STALL), 0

    def _gather(self, cursor: int, end: int, length: int) -> bytes:
        return b"".join(
            self._read(address, stop - start)
            for address, start, stop in _pieces(cursor, end, 0, length)
        )

    def _scatter(self, cursor: int, end: int, moved: int, data: bytes) -> None:
        for address, start, stop in _pieces(cursor, end, moved, len(data)):
            self._write(address, data[start:stop])


def _length(cursor: int, end: int) -> int | None:
    """Return the length of a buffer (4.3.1.3.1); None when it makes no sense."""
    if not cursor:
        return 0
    if (cursor ^ end) & ~(_PAGE - 1):
        length = (end & _PAGE - 1) + 1 + _PAGE - (cursor & _PAGE - 1)
    else:
        length = end - cursor + 1
    return length if 0 <= length <= r.LARGEST_TRANSFER else None


def _advance(cursor: int, end: int, count: int) -> int:
    """Return the address ``count`` bytes further on in a buffer of up to two pages."""
    moved = (cursor & _PAGE - 1) + count
    if moved < _PAGE:
        return cursor + count
    return end & ~(_PAGE - 1) | moved - _PAGE & _PAGE - 1


def _pieces(cursor: int, end: int, skip: int, count: int) -> Iterable[tuple[int, int, int]]:
    """Yield address, first and last byte of each part of ``count`` bytes that lies in one page."""
    done = 0
    while done < count:
        address = _advance(cursor, end, skip + done)
        part = min(count - done, _PAGE - (address & _PAGE - 1))
        yield address, done, done + part
        done += part
