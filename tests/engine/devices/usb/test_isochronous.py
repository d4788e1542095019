"""Isochronous transfers of each controller: packets in their frames, late guests, what goes wrong."""

from __future__ import annotations

import struct

import pytest

from engine.devices.usb import ehci_registers as ehci
from engine.devices.usb import ohci_registers as ohci
from engine.devices.usb import xhci_registers as xhci
from engine.vusb.descriptors import Speed
from tests.engine.devices.usb.ehcirig import LIST, QTDS, EhciRig
from tests.engine.devices.usb.ohcirig import (
    BUFFERS,
    HCCA,
    MILLISECOND,
    OhciRig,
    set_address,
    set_configuration,
)
from tests.engine.devices.usb.xhcirig import INPUT, XhciRig
from tests.engine.vusb.headset import MICROPHONE, PACKET, SPEAKER, Headset

SPEAKER_BYTES, VOICE_BYTES = PACKET[SPEAKER], PACKET[MICROPHONE]


def set_interface(interface, setting):
    return struct.pack("<BBHHH", 1, 11, setting, interface, 0)


def test_a_stream_moves_nothing_before_its_setting_is_chosen():
    headset = Headset()
    headset.setup(set_configuration())
    headset.data_in(0, 0)
    headset.data_out(SPEAKER, b"lost")
    assert not isinstance(headset.data_in(MICROPHONE, VOICE_BYTES), bytes)
    headset.setup(set_interface(SPEAKER, 1))
    headset.data_in(0, 0)
    headset.data_out(SPEAKER, b"heard")
    assert headset.heard == b"heard"
    headset.setup(struct.pack("<BBHHH", 0x81, 10, 0, SPEAKER, 1))
    assert headset.data_in(0, 1) == b"\1"
    headset.setup(set_interface(SPEAKER, 2))
    assert not isinstance(headset.data_in(0, 0), bytes)
    headset.setup(set_configuration())
    headset.data_out(SPEAKER, b"lost")
    assert headset.heard == b"heard"


# ---------------------------------------------------------------------- OHCI


class OhciHeadset(OhciRig):
    """A headset at OHCI, with both streams chosen."""

    def __init__(self):
        super().__init__("")
        self.headset = Headset()
        self.hc.plug(0, self.headset)
        self.enumerate(0, 5)
        for interface in (SPEAKER, MICROPHONE):
            assert self.control(5, set_interface(interface, 1))[0] == [0, 0]

    def new_stream(self, number, packet, direction):
        """Put an isochronous endpoint on all lists, which are enabled."""
        ed = self.endpoint(1, 5, number, packet, direction)
        self.store(ed, self.words(ed, 1)[0] | ohci.ED_ISOCHRONOUS)
        self.poll(ed, range(32))
        self.put(ohci.HC_CONTROL, self.get(ohci.HC_CONTROL) | ohci.CONTROL_IE)
        return ed

    def packets(self, ed, frame, buffer, sizes):
        """Append a descriptor of packets that follow one another in memory, from a frame on."""
        tail = self.words(ed, 2)[1]
        following = self.new_td()
        first = buffer & ~0xFFF
        offsets, at = [], buffer & 0xFFF
        for size in sizes:
            offsets.append(at | 0xE000)
            at += size
        offsets += [0] * (8 - len(sizes))
        self.store(tail, 0xF000_0000 | len(sizes) - 1 << 24 | frame & 0xFFFF, first, following,
                   first + at - 1)  # fmt: skip
        self.memory.write(tail + 16, struct.pack("<8H", *offsets))
        self.store(ed + 4, following)
        return tail

    def status(self, td):
        """Return condition code and size of each packet."""
        words = struct.unpack("<8H", self.memory.read(td + 16, 16))
        return [(word >> 12, word & 0xFFF) for word in words]


@pytest.fixture
def full():
    return OhciHeadset()


def test_ohci_moves_a_packet_in_each_frame(full):
    ed = full.new_stream(SPEAKER, SPEAKER_BYTES, ohci.ED_OUT)
    sound = bytes(range(192)) * 3
    full.memory.write(BUFFERS + 0xF00, sound)  # across a page
    now = full.get(ohci.HC_FM_NUMBER)
    td = full.packets(ed, now + 5, BUFFERS + 0xF00, [192, 192, 192])
    full.advance(4 * MILLISECOND)
    assert not full.headset.packets
    full.advance(MILLISECOND)
    assert full.headset.packets == [192]
    assert full.code(td) == 0xF
    full.advance(3 * MILLISECOND)
    assert full.headset.packets == [192] * 3
    assert full.headset.heard == sound
    assert full.done() == [td]
    assert full.code(td) == ohci.CC_NO_ERROR
    assert full.status(td)[:3] == [(0, 0)] * 3
    assert not full.words(ed + 8, 1)[0] & ohci.ED_HALTED


def test_ohci_records(full):
    ed = full.new_stream(MICROPHONE, VOICE_BYTES, ohci.ED_IN)
    now = full.get(ohci.HC_FM_NUMBER)
    td = full.packets(ed, now + 1, BUFFERS, [VOICE_BYTES, VOICE_BYTES + 4, 10])
    full.advance(5 * MILLISECOND)
    assert full.status(td)[:3] == [
        (ohci.CC_NO_ERROR, VOICE_BYTES),
        (ohci.CC_DATA_UNDERRUN, VOICE_BYTES),
        (ohci.CC_DATA_OVERRUN, 10),
    ]
    reference = Headset()
    assert full.memory.read(BUFFERS, VOICE_BYTES) == reference.endpoint_in(MICROPHONE, 999)
    again = full.memory.read(BUFFERS + VOICE_BYTES, VOICE_BYTES)
    assert again == reference.endpoint_in(MICROPHONE, 999)


def test_ohci_serves_the_frames_that_a_late_timer_has_missed_and_no_others(full):
    ed = full.new_stream(SPEAKER, SPEAKER_BYTES, ohci.ED_OUT)
    now = full.get(ohci.HC_FM_NUMBER)
    late = full.packets(ed, now - 20, BUFFERS, [8] * 8)
    missed = full.packets(ed, now + 1, BUFFERS, [16] * 8)
    full.clock += 6 * MILLISECOND  # nothing has run meanwhile
    full.advance(0)
    assert full.code(late) == ohci.CC_DATA_OVERRUN
    assert full.headset.packets == [16] * 6
    full.advance(3 * MILLISECOND)
    assert full.headset.packets == [16] * 8
    assert full.code(missed) == ohci.CC_NO_ERROR


def test_ohci_leaves_streams_alone_until_they_are_enabled(full):
    ed = full.new_stream(SPEAKER, SPEAKER_BYTES, ohci.ED_OUT)
    full.put(ohci.HC_CONTROL, full.get(ohci.HC_CONTROL) & ~ohci.CONTROL_IE)
    full.packets(ed, full.get(ohci.HC_FM_NUMBER) + 1, BUFFERS, [8])
    full.advance(5 * MILLISECOND)
    assert not full.headset.packets


def test_ohci_hears_nobody_from_a_device_that_has_gone(full):
    ed = full.new_stream(MICROPHONE, VOICE_BYTES, ohci.ED_IN)
    td = full.packets(ed, full.get(ohci.HC_FM_NUMBER) + 1, BUFFERS, [VOICE_BYTES])
    full.hc.unplug(0)
    full.advance(3 * MILLISECOND)
    assert full.status(td)[0] == (ohci.CC_DEVICE_NOT_RESPONDING, 0)
    assert full.words(HCCA + ohci.HCCA_DONE_HEAD, 1)[0] & ~1 == td


# ---------------------------------------------------------------------- EHCI


class EhciHeadset(EhciRig):
    """A headset for high speed at EHCI, with both streams chosen, and the periodic list running."""

    def __init__(self):
        super().__init__("")
        self.headset = Headset(Speed.HIGH)
        self.hc.plug(2, self.headset)
        self.take_ports()
        self.control(0, set_address(5))
        for request in (
            set_configuration(), set_interface(SPEAKER, 1), set_interface(MICROPHONE, 1)
        ):  # fmt: skip
            self.control(5, request)
        self.take()
        self.op(ehci.USBCMD, ehci.CMD_RUN | ehci.CMD_PSE)

    def itd(self, place, ahead, endpoint, slots, *, incoming=False, packet=200):
        """Link a descriptor into a frame to come; ``slots``: length by microframe."""
        at = QTDS + 0x40 * place
        words = [
            ehci.ITD_ACTIVE | slots[n] << 16 | 100 * n | (ehci.ITD_IOC if n == 7 else 0)
            if n in slots
            else 0
            for n in range(8)
        ]
        pages = [BUFFERS | endpoint << 8 | 5, BUFFERS + 0x1000 | incoming << 11 | packet, 1]
        self.store(at, ehci.TERMINATE, *words, *pages, *[BUFFERS + 0x1000] * 4)
        frame = (self.get(ehci.FRINDEX) // 8 + ahead) % ehci.FRAMES
        self.store(LIST + 4 * frame, at | ehci.TYPE_ITD << 1)
        return at

    def slots(self, itd):
        return self.words(itd + 4, 8)


@pytest.fixture
def high():
    return EhciHeadset()


def test_ehci_moves_packets_in_their_microframes(high):
    high.memory.write(BUFFERS, bytes(range(256)) * 4)
    itd = high.itd(0, 3, SPEAKER, {0: 50, 4: 60, 7: 70})
    high.advance(2 * MILLISECOND)
    assert not high.headset.packets
    high.advance(3 * MILLISECOND)
    assert high.headset.packets == [50, 60, 70]
    data = bytes(range(256)) * 4
    assert high.headset.heard == data[:50] + data[400:460] + data[700:770]
    assert not any(slot & ehci.ITD_ACTIVE for slot in high.slots(itd))
    assert high.take() & ehci.STS_INT


def test_ehci_records_and_tells_what_did_not_fit(high):
    itd = high.itd(0, 1, MICROPHONE, {0: 150, 4: 96, 6: 20}, incoming=True)
    high.advance(3 * MILLISECOND)
    first, second, third = (high.slots(itd)[n] for n in (0, 4, 6))
    assert (first >> 16, second >> 16) == (96, 96)
    assert third >> 16 == 20 | ehci.ITD_BABBLE >> 16
    reference = Headset()
    assert high.memory.read(BUFFERS, 96) == reference.endpoint_in(MICROPHONE, 999)
    assert high.memory.read(BUFFERS + 400, 96) == reference.endpoint_in(MICROPHONE, 999)
    assert high.take() & ehci.STS_ERROR


def test_ehci_takes_no_more_than_the_endpoint_has_and_serves_late_frames(high):
    too_long = high.itd(0, 2, SPEAKER, {0: 99}, packet=64)
    high.itd(1, 40, SPEAKER, {n: 8 + n for n in range(8)})
    high.clock += 60 * MILLISECOND
    high.advance(0)
    assert high.slots(too_long)[0] & ehci.ITD_BABBLE
    assert high.headset.packets == [8, 9, 10, 11, 12, 13, 14, 15]


# ---------------------------------------------------------------------- xHCI

SLOT_ENDPOINTS = {SPEAKER: 2 * SPEAKER, MICROPHONE: 2 * MICROPHONE + 1}
OUT, IN = SLOT_ENDPOINTS[SPEAKER], SLOT_ENDPOINTS[MICROPHONE]
ASAP = xhci.START_ASAP


class XhciHeadset(XhciRig):
    """A headset for high speed at xHCI, with both streams configured: a packet a millisecond."""

    def __init__(self):
        super().__init__("")
        self.headset = Headset(Speed.HIGH)
        self.hc.plug(0, self.headset)
        self.slot = self.enumerate(0)
        self.input_context(1 | 1 << OUT | 1 << IN, 0, {
            OUT: (1, SPEAKER_BYTES, self.ring(self.slot, OUT)),
            IN: (5, VOICE_BYTES, self.ring(self.slot, IN)),
        })  # fmt: skip
        for number in (OUT, IN):
            self.memory.write(INPUT + 32 * (1 + number), struct.pack("<I", 3 << 16))
        at = self.slot << 24
        assert self.command(xhci.TRB_CONFIGURE_ENDPOINT, INPUT, at)[0] == xhci.SUCCESS
        for request in (set_interface(SPEAKER, 1), set_interface(MICROPHONE, 1)):
            assert self.control(self.slot, request)[0][1] == xhci.SUCCESS

    def packet(self, target, buffer, length, control=ASAP, kind=xhci.TRB_ISOCH):
        flags = xhci.IOC | xhci.ISP if not control & xhci.CHAIN else 0
        return self.append(
            self.ring(self.slot, target), buffer, length, kind << 10 | control | flags
        )

    def told(self):
        return [(event[1], event[2], event[3]) for event in self.events()]


@pytest.fixture
def stream():
    return XhciHeadset()


def test_xhci_moves_a_descriptor_in_each_interval_and_tells_an_empty_ring_once(stream):
    rig = stream
    rig.memory.write(BUFFERS, bytes(range(200)))
    blocks = [rig.packet(OUT, BUFFERS + n, 100 + n) for n in range(3)]
    rig.doorbell(rig.slot, OUT)
    assert not rig.headset.packets
    rig.advance(2 * MILLISECOND)
    assert rig.headset.packets == [100, 101]
    assert rig.told() == [(xhci.SUCCESS, block, 0) for block in blocks[:2]]
    rig.advance(9 * MILLISECOND)
    assert rig.headset.packets == [100, 101, 102]
    assert rig.told() == [(xhci.SUCCESS, blocks[2], 0), (xhci.RING_UNDERRUN, 0, 0)]
    assert rig.time.next_deadline() is None
    rig.packet(OUT, BUFFERS, 7)
    rig.doorbell(rig.slot, OUT)
    rig.advance(MILLISECOND)
    assert rig.headset.packets[3:] == [7]


def test_xhci_records_into_chained_blocks(stream):
    rig = stream
    rig.packet(IN, BUFFERS, 40, ASAP | xhci.CHAIN)
    short = rig.packet(IN, BUFFERS + 0x1000, 100, 0, xhci.TRB_NORMAL)
    small = rig.packet(IN, BUFFERS + 0x2000, 50)
    rig.doorbell(rig.slot, IN)
    rig.advance(2 * MILLISECOND)
    assert rig.told() == [
        (xhci.SHORT_PACKET, short, 100 - (VOICE_BYTES - 40)), (xhci.BABBLE, small, 0)
    ]  # fmt: skip
    expected = Headset().endpoint_in(MICROPHONE, 999)
    assert rig.memory.read(BUFFERS, 40) == expected[:40]
    assert rig.memory.read(BUFFERS + 0x1000, VOICE_BYTES - 40) == expected[40:]


def test_xhci_follows_the_link_inside_of_a_descriptor_only_when_its_time_has_come(stream):
    rig = stream
    ring = rig.ring(rig.slot, OUT)
    rig.packet(OUT, BUFFERS, 40, ASAP | xhci.CHAIN)
    rig.append(ring, ring + 0x200, 0, xhci.TRB_LINK << 10 | xhci.CHAIN | xhci.TOGGLE_CYCLE)
    last = xhci.TRB_NORMAL << 10 | xhci.IOC  # with the other cycle bit
    rig.memory.write(ring + 0x200, struct.pack("<QII", BUFFERS, 50, last))
    for _ in range(3):
        rig.doorbell(rig.slot, OUT)
    assert not rig.headset.packets
    rig.advance(MILLISECOND)
    assert rig.headset.packets == [90]
    assert rig.told() == [(xhci.SUCCESS, ring + 0x200, 0)]


def test_xhci_passes_over_blocks_that_do_nothing_at_once(stream):
    rig = stream
    nothing = rig.packet(OUT, 0, 0, 0, xhci.TRB_NO_OP)
    rig.packet(OUT, BUFFERS, 40)
    rig.doorbell(rig.slot, OUT)
    assert rig.told() == [(xhci.SUCCESS, nothing, 0)]
    assert not rig.headset.packets
    rig.advance(MILLISECOND)
    assert rig.headset.packets == [40]


def test_xhci_waits_for_the_frame_that_is_named(stream):
    rig = stream
    rig.advance(10 * MILLISECOND + MILLISECOND // 2)
    frame = rig.get(xhci.RUNTIME + xhci.MFINDEX) >> 3
    missed = rig.packet(OUT, BUFFERS, 1, (frame - 3) % 0x800 << 20)
    rig.packet(OUT, BUFFERS, 2, frame + 4 << 20)
    rig.packet(OUT, BUFFERS, 3, frame + 5 << 20)
    rig.doorbell(rig.slot, OUT)
    assert rig.told() == [(xhci.MISSED_SERVICE, missed, 0)]
    rig.advance(3 * MILLISECOND)
    assert not rig.headset.packets
    rig.advance(MILLISECOND)
    assert rig.headset.packets == [2]
    rig.clock += 20 * MILLISECOND
    rig.advance(0)
    assert rig.headset.packets == [2, 3]


def test_xhci_tells_blocks_without_an_interrupt_when_they_ask_for_none(stream):
    rig = stream
    rig.packet(OUT, BUFFERS, 5, ASAP | xhci.BLOCK_INTERRUPT)
    rig.packet(OUT, BUFFERS, 6)
    rig.doorbell(rig.slot, OUT)
    rig.advance(MILLISECOND)
    assert rig.headset.packets == [5]
    assert not rig.hc.intx.level
    rig.advance(MILLISECOND)
    assert rig.hc.intx.level


def test_xhci_streams_stop_and_go_on(stream):
    rig = stream
    rig.packet(OUT, BUFFERS, 5)
    rig.packet(OUT, BUFFERS, 6)
    rig.doorbell(rig.slot, OUT)
    rig.advance(MILLISECOND)
    assert rig.command(xhci.TRB_STOP_ENDPOINT, 0, rig.slot << 24 | OUT << 16)[0] == xhci.SUCCESS
    rig.advance(5 * MILLISECOND)
    assert rig.headset.packets == [5]
    rig.doorbell(rig.slot, OUT)
    rig.advance(MILLISECOND)
    assert rig.headset.packets == [5, 6]


def test_xhci_hears_nobody_from_a_device_that_has_gone_and_does_not_halt(stream):
    rig = stream
    rig.hc.unplug(0)
    rig.events()
    block = rig.packet(IN, BUFFERS, VOICE_BYTES)
    rig.doorbell(rig.slot, IN)
    rig.advance(MILLISECOND)
    assert rig.told()[0] == (xhci.TRANSACTION_ERROR, block, VOICE_BYTES)
    wrong = rig.packet(IN, BUFFERS, 8, 0, xhci.TRB_SETUP)
    rig.doorbell(rig.slot, IN)
    rig.advance(20 * MILLISECOND)
    assert (xhci.TRB_ERROR, wrong, 0) in rig.told()
