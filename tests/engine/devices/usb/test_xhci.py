"""xHCI: ports, commands, transfers, the event ring, saved states, hostile rings."""

from __future__ import annotations

import struct

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.devices.usb import xhci_registers as r
from engine.pdm import ResetKind
from tests.engine.devices.usb.xhcirig import (
    BUFFERS,
    COMMANDS,
    CONTEXTS,
    DEVICE_CONTEXT,
    EVENTS,
    INPUT,
    RINGS,
    SEGMENT,
    TABLE,
    XhciRig,
)

TABLET, KEYBOARD = 0, 1
DESCRIPTOR = bytes([0x80, 6, 0, 1, 0, 0, 18, 0])


@pytest.fixture
def rig():
    rig = XhciRig()
    rig.events()
    return rig


@pytest.fixture
def tablet(rig):
    rig.slot = rig.enumerate(TABLET)
    rig.pointer = rig.hc.usb_devices()[TABLET]
    return rig


def endpoint_context(rig, slot, number):
    return struct.unpack("<IIQ", rig.memory.read(DEVICE_CONTEXT + 0x400 * slot + 32 * number, 16))


def test_capabilities_lead_to_registers_and_protocols(rig):
    assert rig.get(r.CAPLENGTH) == 0x0100_0040
    assert rig.get(r.HCSPARAMS1) >> 24 == 14
    place = rig.get(r.HCCPARAMS) >> 16 << 2
    legacy = rig.get(place)
    assert (legacy & 0xFF, legacy >> 16) == (1, 0)  # the BIOS does not own it
    rig.put(place, 1 << 24)
    assert rig.get(place) == legacy | 1 << 24
    place += (legacy >> 8 & 0xFF) * 4
    found = []
    while place:
        head, name, ports = (rig.get(place + 4 * n) for n in range(3))
        found.append((head >> 24, name, ports & 0xFF, ports >> 8 & 0xFF))
        place = place + (head >> 8 & 0xFF) * 4 if head >> 8 & 0xFF else 0
    usb = int.from_bytes(b"USB ", "little")
    assert found == [(2, usb, 1, 8), (3, usb, 9, 6)]


def test_starting_tells_the_ports_that_have_changed():
    rig = XhciRig()
    events = rig.events()
    assert [(kind, parameter >> 24) for kind, _, parameter, _, _ in events] == [
        (r.EVENT_PORT, 1), (r.EVENT_PORT, 2), (r.EVENT_PORT, 3)
    ]  # fmt: skip
    assert rig.port(TABLET) & (r.PORT_CCS | r.PORT_CSC | r.PORT_PP | 0x3C00) == (
        r.PORT_CCS | r.PORT_CSC | r.PORT_PP | 1 << 10
    )
    assert not rig.hc.intx.level


def test_a_port_reset_enables_and_tells(rig):
    rig.put_port(TABLET, r.PORT_PP | r.PORT_CSC | r.PORT_PR)
    assert rig.hc.intx.level
    assert rig.events()[0][:3] == (r.EVENT_PORT, r.SUCCESS, 1 << 24)
    assert rig.port(TABLET) & (r.PORT_PED | r.PORT_PRC | r.PORT_PLS) == r.PORT_PED | r.PORT_PRC
    rig.put_port(TABLET, r.PORT_PP | r.PORT_PRC | r.PORT_PED)
    assert rig.port(TABLET) & (r.PORT_PED | r.PORT_PRC) == 0
    rig.put_port(5, r.PORT_PP | r.PORT_PR)
    rig.put_port(12, r.PORT_PP | r.PORT_PR)
    assert rig.events() == []


def test_plugging_and_unplugging_are_told(rig):
    rig.put_port(TABLET, r.PORT_PP | r.PORT_CSC)
    device = rig.hc.hub.detach(TABLET)
    assert rig.port(TABLET) & (r.PORT_CCS | r.PORT_CSC) == r.PORT_CSC
    rig.hc.hub.attach(6, device)
    assert [parameter >> 24 for _, _, parameter, _, _ in rig.events()] == [1, 7]


def test_a_device_is_addressed_and_answers(tablet):
    event, data = tablet.control(tablet.slot, DESCRIPTOR)
    assert event[1] == r.SUCCESS
    assert data == tablet.pointer.description.device()
    assert tablet.pointer.address == tablet.slot
    state = struct.unpack("<I", tablet.memory.read(DEVICE_CONTEXT + 0x400 * tablet.slot + 12, 4))[0]
    assert state == r.SLOT_CONFIGURED << 27 | tablet.slot


def test_a_report_comes_as_soon_as_there_is_one_and_nothing_ticks(tablet):
    at = tablet.queue(tablet.slot, 3, BUFFERS, 8)
    assert tablet.events() == []
    assert tablet.time.next_deadline() is None
    tablet.pointer.put_position(12345, 23456, 0, 0, 1)
    assert tablet.hc.intx.level
    (event,) = tablet.events()
    assert event[:4] == (r.EVENT_TRANSFER, r.SUCCESS, at, 0)
    assert event[4] >> 16 & 0xFF == 3
    assert struct.unpack("<B3xHH", tablet.memory.read(BUFFERS, 8)) == (1, 12345, 23456)


def test_short_packets_babble_and_chains(tablet):
    slot = tablet.slot
    tablet.queue(slot, 3, BUFFERS, 100)
    tablet.pointer.put_position(1, 1, 0, 0, 0)
    # Eight bytes are a whole packet: the host waits for more, which is the next report.
    assert tablet.events() == []
    tablet.pointer.put_position(2, 2, 0, 0, 0)
    assert tablet.events() == []
    tablet.queue(slot, 3, BUFFERS + 100, 4)
    assert tablet.command(r.TRB_STOP_ENDPOINT, 0, slot << 24 | 3 << 16) == (r.SUCCESS, slot)
    dequeue = tablet.ring(slot, 3) + 16
    assert tablet.command(r.TRB_SET_DEQUEUE, dequeue | 1, slot << 24 | 3 << 16)[0] == r.SUCCESS
    tablet.pointer.put_position(3, 3, 0, 0, 0)
    tablet.doorbell(slot, 3)
    assert tablet.events()[-1][1] == r.BABBLE
    assert endpoint_context(tablet, slot, 3)[0] & 7 == r.EP_HALTED


def test_a_control_answer_that_is_short_ends_its_stage(tablet):
    event, data = tablet.control(tablet.slot, DESCRIPTOR[:6] + b"\xff\0")
    assert event[1] == r.SUCCESS
    assert len(data) == 18


def test_event_data_blocks_tell_the_sum(tablet):
    slot = tablet.slot
    ring = tablet.ring(slot, 3)
    tablet.append(ring, BUFFERS, 8, r.TRB_NORMAL << 10 | r.CHAIN)
    tablet.append(ring, 0xABCD, 0, r.TRB_EVENT_DATA << 10 | r.IOC)
    tablet.doorbell(slot, 3)
    tablet.pointer.put_position(1, 1, 0, 0, 0)
    (event,) = tablet.events()
    assert event[1:4] == (r.SUCCESS, 0xABCD, 8)
    assert event[4] & r.EVENT_IS_DATA


def test_a_stall_halts_until_the_endpoint_is_reset(tablet):
    slot = tablet.slot
    event, _ = tablet.control(slot, bytes([0xC0, 0x55, 0, 0, 0, 0, 4, 0]))
    assert event[1] == r.STALL
    assert endpoint_context(tablet, slot, 1)[0] & 7 == r.EP_HALTED
    assert tablet.command(r.TRB_RESET_ENDPOINT, 0, slot << 24 | 1 << 16)[0] == r.SUCCESS
    tail = tablet.tails[tablet.ring(slot, 1)]
    assert tablet.command(r.TRB_SET_DEQUEUE, tail | 1, slot << 24 | 1 << 16)[0] == r.SUCCESS
    assert tablet.control(slot, DESCRIPTOR)[0][1] == r.SUCCESS


def test_a_stopped_endpoint_tells_where_it_is_and_runs_again_at_its_doorbell(tablet):
    slot = tablet.slot
    at = tablet.queue(slot, 3, BUFFERS, 8)
    tablet.append(COMMANDS, 0, 0, r.TRB_STOP_ENDPOINT << 10 | slot << 24 | 3 << 16)
    tablet.doorbell(0, 0)
    transfer, command = tablet.events()
    assert transfer[:4] == (r.EVENT_TRANSFER, r.STOPPED, at, 8)
    assert command[:2] == (r.EVENT_COMMAND, r.SUCCESS)
    assert endpoint_context(tablet, slot, 3)[0] & 7 == r.EP_STOPPED
    assert endpoint_context(tablet, slot, 3)[2] == at | 1
    tablet.pointer.put_position(1, 1, 0, 0, 0)
    assert tablet.events() == []
    tablet.doorbell(slot, 3)
    assert tablet.events()[0][1] == r.SUCCESS


@pytest.mark.parametrize(
    ("kind", "control", "code"),
    [
        (r.TRB_NO_OP_COMMAND, 0, r.SUCCESS),
        (r.TRB_STOP_ENDPOINT, 9 << 24 | 1 << 16, r.SLOT_NOT_ENABLED),
        (r.TRB_STOP_ENDPOINT, 1 << 24 | 9 << 16, r.ENDPOINT_NOT_ENABLED),
        (r.TRB_RESET_ENDPOINT, 1 << 24 | 1 << 16, r.CONTEXT_STATE_ERROR),
        (r.TRB_SET_DEQUEUE, 1 << 24 | 1 << 16, r.CONTEXT_STATE_ERROR),
        (63, 1 << 24, r.TRB_ERROR),
        (r.TRB_RESET_DEVICE, 1 << 24, r.SUCCESS),
        (r.TRB_DISABLE_SLOT, 1 << 24, r.SUCCESS),
    ],
)
def test_commands_end_with_their_codes(tablet, kind, control, code):
    assert tablet.command(kind, 0, control)[0] == code


def test_slots_run_out_and_come_back(rig):
    slots = [rig.command(r.TRB_ENABLE_SLOT) for _ in range(r.MOST_SLOTS + 1)]
    assert slots[-1] == (r.NO_SLOTS, 0)
    assert rig.command(r.TRB_DISABLE_SLOT, 0, 5 << 24) == (r.SUCCESS, 5)
    assert rig.command(r.TRB_ENABLE_SLOT) == (r.SUCCESS, 5)


def test_rings_wrap_by_their_links(rig):
    rig.memory.write(COMMANDS + 16, struct.pack("<QII", COMMANDS, 0, r.TRB_LINK << 10 | 3))
    rig.tails[COMMANDS] = COMMANDS
    assert rig.command(r.TRB_NO_OP_COMMAND) == (r.SUCCESS, 0)
    # Once around: the consumer wants the other cycle bit now.
    rig.memory.write(COMMANDS, struct.pack("<QII", 0, 0, r.TRB_NO_OP_COMMAND << 10))
    rig.doorbell(0, 0)
    assert [event[:3] for event in rig.events()] == [(r.EVENT_COMMAND, r.SUCCESS, COMMANDS)]


def test_events_wait_while_the_ring_is_full(rig):
    for _ in range(SEGMENT + 20):
        rig.append(COMMANDS, 0, 0, r.TRB_NO_OP_COMMAND << 10)
    rig.doorbell(0, 0)
    first = rig.events()
    assert len(first) == SEGMENT - 1
    assert first[-1][:2] == (r.EVENT_CONTROLLER, r.EVENT_RING_FULL)
    assert rig.hc.intx.level
    assert len(rig.events()) == 22
    assert not rig.hc.intx.level


def test_the_command_ring_can_be_stopped(rig):
    rig.command(r.TRB_NO_OP_COMMAND)
    assert rig.get(r.OPERATIONAL + r.CRCR) == r.CRCR_RUNNING
    rig.op(r.CRCR, r.CRCR_ABORT)
    rig.op(r.CRCR_HIGH, 0)
    assert rig.events()[0][1] == r.COMMAND_RING_STOPPED
    assert rig.get(r.OPERATIONAL + r.CRCR) == 0


def link_state(rig):
    return (rig.port(TABLET) & r.PORT_PLS) >> 5


def write_link(rig, state):
    rig.put_port(TABLET, r.PORT_PP | r.PORT_LWS | state << 5)


def test_a_suspended_port_moves_nothing_until_it_is_resumed(tablet):
    tablet.queue(tablet.slot, 3, BUFFERS, 8)
    write_link(tablet, r.PLS_U3)
    tablet.pointer.put_position(1, 2, 0, 0, 0)
    assert (link_state(tablet), tablet.events()) == (r.PLS_U3, [])
    write_link(tablet, r.PLS_RESUME)
    assert link_state(tablet) == r.PLS_RESUME
    assert tablet.events() == []
    write_link(tablet, r.PLS_U0)
    tablet.advance(1)
    assert tablet.port(TABLET) & (r.PORT_PLS | r.PORT_PLC) == r.PORT_PLC
    assert [event[0] for event in tablet.events()] == [r.EVENT_PORT, r.EVENT_TRANSFER]
    tablet.put_port(TABLET, r.PORT_PP | r.PORT_PLC)
    assert not tablet.port(TABLET) & r.PORT_PLC


def test_a_device_that_may_wake_the_host_signals_resume(tablet):
    write_link(tablet, r.PLS_U3)
    tablet.pointer.state.remote_wakeup = True
    tablet.pointer.put_position(1, 2, 0, 0, 0)
    assert link_state(tablet) == r.PLS_RESUME
    assert [event[:3] for event in tablet.events()] == [(r.EVENT_PORT, r.SUCCESS, 1 << 24)]
    tablet.pointer.put_position(1, 3, 0, 0, 0)
    assert tablet.events() == []
    write_link(tablet, r.PLS_U0)
    assert link_state(tablet) == r.PLS_U0


def test_a_disabled_port_has_no_link_to_suspend(rig):
    before = rig.port(TABLET)
    write_link(rig, r.PLS_U3)
    assert rig.port(TABLET) == before


def test_wraps_of_the_frame_index_are_told_when_they_are_wanted(rig):
    wrap = 0x4000 * 125_000
    rig.advance(wrap)
    assert rig.events() == []
    rig.op(r.USBCMD, r.CMD_RUN | r.CMD_INTE | r.CMD_EWE)
    rig.advance(2 * wrap)
    assert [event[:2] for event in rig.events()] == [(r.EVENT_WRAP, r.SUCCESS)] * 2
    rig.op(r.USBCMD, r.CMD_RUN | r.CMD_INTE)
    assert rig.time.next_deadline() is None


def test_commands_keep_to_the_states_of_a_slot(tablet):
    at = tablet.slot << 24
    assert tablet.command(r.TRB_ADDRESS_DEVICE, INPUT, at)[0] == r.CONTEXT_STATE_ERROR
    assert tablet.command(r.TRB_RESET_DEVICE, 0, at)[0] == r.SUCCESS
    assert tablet.command(r.TRB_RESET_DEVICE, 0, at)[0] == r.CONTEXT_STATE_ERROR
    assert tablet.command(r.TRB_CONFIGURE_ENDPOINT, INPUT, at)[0] == r.CONTEXT_STATE_ERROR
    tablet.input_context(3, TABLET, {1: (4, 8, tablet.ring(tablet.slot, 1))})
    assert tablet.command(r.TRB_ADDRESS_DEVICE, INPUT, at)[0] == r.SUCCESS
    tablet.input_context(9, TABLET, {})
    assert tablet.command(r.TRB_CONFIGURE_ENDPOINT, INPUT, at)[0] == r.PARAMETER_ERROR


def test_doorbells_of_halted_and_missing_endpoints_do_nothing(tablet):
    tablet.control(tablet.slot, bytes([0xC0, 0x55, 0, 0, 0, 0, 4, 0]))
    before = endpoint_context(tablet, tablet.slot, 1)
    for target in (0, 1, 9, 31, 32, 255):
        tablet.doorbell(tablet.slot, target)
    tablet.doorbell(tablet.slot + 1, 1)
    assert tablet.events() == []
    assert endpoint_context(tablet, tablet.slot, 1) == before


def test_resets(tablet):
    tablet.set.reset(ResetKind.SOFT)
    assert tablet.pointer.configured()
    tablet.op(r.USBCMD, r.CMD_RESET)
    assert tablet.get(r.OPERATIONAL + r.USBSTS) == r.STS_HALTED
    assert not tablet.pointer.configured()
    assert tablet.get(r.OPERATIONAL + r.USBCMD) == 0
    tablet.op(r.USBCMD, r.CMD_RUN)
    tablet.advance(1_000_000)
    assert tablet.get(r.RUNTIME + r.MFINDEX) == 8


def test_a_pending_transfer_and_its_device_survive_saving(tablet):
    tablet.queue(tablet.slot, 3, BUFFERS, 8)
    again = XhciRig()
    again.memory.write(CONTEXTS, tablet.memory.read(CONTEXTS, 0x9_0000))
    again.hc.load_pci_state(tablet.hc.pci_state())
    again.event_index, again.event_cycle = tablet.event_index, tablet.event_cycle
    state = msgspec.msgpack.encode(tablet.hc.state_to_save())
    again.hc.state = msgspec.msgpack.decode(state, type=type(tablet.hc.state))
    again.hc.state_loaded(1)
    pointer = again.hc.usb_devices()[TABLET]
    assert pointer.configured()
    pointer.put_position(7, 8, 0, 0, 0)
    assert again.events()[0][:2] == (r.EVENT_TRANSFER, r.SUCCESS)
    assert struct.unpack("<4xHH", again.memory.read(BUFFERS, 8)) == (7, 8)


def test_a_keyboard_that_repeats_is_looked_at(rig):
    slot = rig.enumerate(KEYBOARD)
    keyboard = rig.hc.usb_devices()[KEYBOARD]
    rig.queue(slot, 3, BUFFERS, 8)
    rig.control(slot, struct.pack("<BBHHH", 0x21, 10, 8 << 8, 0, 0))
    keyboard.put_scancodes(b"\x1e")
    assert len(rig.events()) == 1
    rig.queue(slot, 3, BUFFERS, 8)
    rig.advance(50_000_000)
    assert [event[1] for event in rig.events()] == [r.SUCCESS]


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_hostile_rings_contexts_and_registers_do_no_harm(data):
    rig = XhciRig()
    rig.enumerate(TABLET)
    bases = (CONTEXTS, COMMANDS, INPUT, RINGS, TABLE, EVENTS, DEVICE_CONTEXT)
    words = st.one_of(
        st.sampled_from([*bases, 1, r.TRB_LINK << 10 | 1, 0xFFFF_FFF0, 0xF000_0000]),
        st.integers(0, 0xFFFF_FFFF),
        st.integers(1, 23).map(lambda kind: kind << 10 | 1 << 24 | 1 << 16 | 1),
    )
    for base in (COMMANDS, INPUT, rig.ring(1, 1), rig.ring(1, 3), CONTEXTS + 8):
        values = data.draw(st.lists(words, min_size=16, max_size=16))
        rig.memory.write(base, struct.pack("<16I", *values))
    for _ in range(20):
        where = data.draw(st.sampled_from([r.OPERATIONAL, r.RUNTIME, r.DOORBELLS]))
        offset = where + 4 * data.draw(st.integers(0, 20))
        rig.put(offset, data.draw(st.one_of(words, st.integers(0, 5))))
        rig.get(offset)
        rig.pointer = rig.hc.usb_devices()[TABLET]
        rig.pointer.put_position(data.draw(st.integers(0, 9)), 0, 0, 0, 0)
        rig.advance(1_000_000)
    msgspec.msgpack.decode(
        msgspec.msgpack.encode(rig.hc.state_to_save()), type=type(rig.hc.state)
    )
