"""OHCI: enumeration, transfers, the root hub, frames that do not tick, saved states, hostile lists."""

from __future__ import annotations

import struct

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.devices.usb import ohci_registers as r
from engine.errors import ConfigurationError
from engine.pdm import ResetKind
from engine.vusb.descriptors import Speed
from engine.vusb.pointing import MouseState, UsbMouse
from tests.engine.bench import Bench, tree
from tests.engine.devices.usb.hostile import write_anything
from tests.engine.devices.usb.ohcirig import (
    BUFFERS,
    EDS,
    GET_DESCRIPTOR_DEVICE,
    HCCA,
    MILLISECOND,
    TDS,
    OhciRig,
)

TABLET, KEYBOARD, MOUSE = 0, 1, 2


@pytest.fixture
def rig():
    return OhciRig()


@pytest.fixture
def tablet(rig):
    """A rig whose tablet is configured and polled every 8 ms into BUFFERS."""
    rig.enumerate(TABLET, 5)
    rig.ed = rig.endpoint(1, 5, 1, 8)
    rig.poll(rig.ed)
    rig.td = rig.queue(rig.ed, r.PID_IN, BUFFERS, 8)
    rig.advance(100 * MILLISECOND)
    return rig


def pointer(rig):
    return rig.hc.usb_devices()[TABLET]


def saved(rig):
    """Return a new rig in the state of another one."""
    again = OhciRig()
    again.memory.write(0x10_0000, rig.memory.read(0x10_0000, 0x40000))
    again.clock = rig.clock
    state = msgspec.msgpack.encode(rig.hc.state_to_save())
    again.hc.load_pci_state(rig.hc.pci_state())
    again.hc.state = msgspec.msgpack.decode(state, type=type(rig.hc.state))
    again.hc.state_loaded(1)
    return again


# ---------------------------------------------------------------------- root hub


def test_ports_tell_what_is_plugged_in_after_power_on(rig):
    assert rig.get(r.HC_RH_DESCRIPTOR_A) & 0xFF == 12
    assert rig.port(TABLET) == r.PORT_CCS | r.PORT_CSC | r.PORT_PPS
    assert rig.port(3) == r.PORT_PPS
    assert rig.hc.intx.level  # RHSC


def test_changes_are_cleared_by_writing_them_and_the_line_follows(rig):
    for port in range(3):
        rig.put_port(port, r.PORT_CSC)
    rig.put(r.HC_INTERRUPT_STATUS, r.INT_RHSC)
    assert rig.port(TABLET) == r.PORT_CCS | r.PORT_PPS
    assert not rig.hc.intx.level


def test_a_port_reset_enables_the_port_and_forgets_the_address(rig):
    rig.enumerate(TABLET, 5)
    assert pointer(rig).configured()
    rig.put_port(TABLET, r.SET_PORT_RESET)
    assert rig.port(TABLET) & (r.PORT_PES | r.PORT_PRSC) == r.PORT_PES | r.PORT_PRSC
    assert (pointer(rig).address, pointer(rig).configured()) == (0, False)


def test_commands_to_an_empty_port_change_nothing_but_tell_it(rig):
    rig.put_port(5, r.SET_PORT_RESET | r.SET_PORT_ENABLE)
    assert rig.port(5) == r.PORT_PPS | r.PORT_CSC


def test_a_suspended_port_does_not_answer_until_it_is_resumed(tablet):
    tablet.put_port(TABLET, r.SET_PORT_SUSPEND)
    pointer(tablet).put_position(1, 2, 0, 0, 0)
    tablet.advance(100 * MILLISECOND)
    assert tablet.code(tablet.td) == r.CC_DEVICE_NOT_RESPONDING
    tablet.put_port(TABLET, r.CLEAR_SUSPEND_STATUS)
    assert tablet.port(TABLET) & r.PORT_PSSC


def test_a_device_that_may_wake_the_host_resumes_its_port(tablet):
    tablet.put_port(TABLET, r.SET_PORT_SUSPEND)
    pointer(tablet).put_position(1, 2, 0, 0, 0)
    assert tablet.port(TABLET) & r.PORT_PSS
    tablet.put_port(TABLET, r.CLEAR_SUSPEND_STATUS)
    tablet.put_port(TABLET, r.PORT_PSSC)
    assert tablet.control(5, struct.pack("<BBHHH", 0, 3, 1, 0, 0))[0] == [0, 0]
    tablet.put_port(TABLET, r.SET_PORT_SUSPEND)
    pointer(tablet).put_position(3, 4, 0, 0, 0)
    assert tablet.port(TABLET) & (r.PORT_PSS | r.PORT_PSSC) == r.PORT_PSSC


def test_a_suspended_bus_resumes_when_a_device_wakes_it_or_is_plugged_in(tablet):
    assert tablet.control(5, struct.pack("<BBHHH", 0, 3, 1, 0, 0))[0] == [0, 0]
    tablet.put(r.HC_INTERRUPT_STATUS, r.INT_SOURCES)
    tablet.put(r.HC_INTERRUPT_ENABLE, r.INT_RD)
    tablet.put(r.HC_CONTROL, r.USB_SUSPEND)
    pointer(tablet).put_position(3, 4, 0, 0, 0)
    assert tablet.get(r.HC_CONTROL) & r.CONTROL_HCFS == r.USB_RESUME
    assert tablet.get(r.HC_INTERRUPT_STATUS) & r.INT_RD
    assert tablet.hc.intx.level
    tablet.put(r.HC_CONTROL, r.USB_SUSPEND)
    device = tablet.hc.hub.detach(MOUSE)
    assert tablet.get(r.HC_CONTROL) & r.CONTROL_HCFS == r.USB_SUSPEND
    tablet.put(r.HC_RH_STATUS, r.RH_DRWE)
    tablet.hc.hub.attach(MOUSE, device)
    assert tablet.get(r.HC_CONTROL) & r.CONTROL_HCFS == r.USB_RESUME


def test_a_port_tells_a_device_for_low_speed(rig):
    rig.hc.plug(5, UsbMouse(MouseState(), speed=Speed.LOW))
    assert rig.port(5) & (r.PORT_CCS | r.PORT_LSDA) == r.PORT_CCS | r.PORT_LSDA
    rig.hc.unplug(5)
    assert not rig.port(5) & r.PORT_LSDA


def test_there_is_no_other_owner_that_interrupts_could_be_routed_to(rig):
    rig.put(r.HC_CONTROL, rig.get(r.HC_CONTROL) | 0x100)
    assert not rig.get(r.HC_CONTROL) & 0x100
    rig.put(r.HC_COMMAND_STATUS, 0x8)
    assert not rig.get(r.HC_INTERRUPT_STATUS) & 0x4000_0000
    assert rig.get(r.HC_RH_DESCRIPTOR_A) & (r.RH_A_NPS | r.RH_A_NOCP) == r.RH_A_NPS | r.RH_A_NOCP


def test_unplugging_disables_the_port(tablet):
    device = tablet.hc.hub.detach(TABLET)
    status = tablet.port(TABLET)
    assert status & (r.PORT_CCS | r.PORT_PES) == 0
    assert status & r.PORT_CSC
    assert not device.configured()
    tablet.hc.hub.attach(7, device)
    assert tablet.port(7) & (r.PORT_CCS | r.PORT_CSC) == r.PORT_CCS | r.PORT_CSC


# ---------------------------------------------------------------------- transfers


def test_a_control_transfer_reads_the_device_descriptor(rig):
    rig.put_port(TABLET, r.SET_PORT_RESET)
    codes, data = rig.control(0, GET_DESCRIPTOR_DEVICE)
    assert codes == [0, 0, 0]
    assert struct.unpack_from("<BBH4xHH", data) == (18, 1, 0x0110, 0x80EE, 0x0021)


def test_a_short_answer_is_an_underrun_unless_the_guest_expects_it(rig):
    rig.put_port(TABLET, r.SET_PORT_RESET)
    ed = rig.endpoint(0, 0, 0, 8)
    rig.memory.write(BUFFERS, bytes([0x80, 6, 0, 1, 0, 0, 64, 0]))
    tds = [
        rig.queue(ed, r.PID_SETUP, BUFFERS, 8),
        rig.queue(ed, r.PID_IN, BUFFERS + 64, 64, rounding=False),
        rig.queue(ed, r.PID_OUT),
    ]
    rig.put(r.HC_CONTROL_HEAD_ED, ed)
    rig.put(r.HC_COMMAND_STATUS, r.COMMAND_CLF)
    rig.advance(3 * MILLISECOND)
    assert rig.done() == tds[:2]
    assert rig.code(tds[1]) == r.CC_DATA_UNDERRUN
    head = rig.words(ed + 8, 1)[0]
    assert head & r.ED_HALTED
    assert head & r.ED_MASK == tds[2]
    assert rig.words(tds[1], 2)[1] == BUFFERS + 64 + 18


def test_an_unknown_request_stalls_and_halts_the_endpoint(rig):
    rig.put_port(TABLET, r.SET_PORT_RESET)
    codes, _ = rig.control(0, bytes([0xC0, 0x55, 0, 0, 0, 0, 4, 0]))
    assert codes[:2] == [0, r.CC_STALL]


def test_nobody_answers_at_an_unknown_address(rig):
    assert rig.control(77, GET_DESCRIPTOR_DEVICE)[0][0] == r.CC_DEVICE_NOT_RESPONDING


def test_a_report_reaches_memory_within_its_polling_interval(tablet):
    assert tablet.code(tablet.td) == 0xF  # still pending
    pointer(tablet).put_position(12345, 23456, -1, 0, 3)
    tablet.advance(9 * MILLISECOND)
    assert tablet.done() == [tablet.td]
    assert tablet.code(tablet.td) == 0
    report = struct.unpack("<BbbxHH", tablet.memory.read(BUFFERS, 8))
    assert report == (3, 1, 0, 12345, 23456)


def test_a_report_larger_than_its_buffer_is_an_overrun(rig):
    rig.enumerate(TABLET, 5)
    ed = rig.endpoint(1, 5, 1, 8)
    rig.poll(ed)
    td = rig.queue(ed, r.PID_IN, BUFFERS, 4)
    pointer(rig).put_position(1, 2, 0, 0, 0)
    rig.advance(50 * MILLISECOND)
    assert rig.code(td) == r.CC_DATA_OVERRUN


def test_a_buffer_may_lie_in_two_pages_that_do_not_follow_one_another(rig):
    rig.enumerate(TABLET, 5)
    ed = rig.endpoint(1, 5, 1, 8)
    rig.poll(ed)
    td = rig.queue(ed, r.PID_IN, BUFFERS, 8)
    rig.store(td + 4, BUFFERS + 0xFFD)
    rig.store(td + 12, BUFFERS + 0x5004)
    pointer(rig).put_position(0x1122, 0x3344, 0, 0, 0)
    rig.advance(50 * MILLISECOND)
    assert rig.memory.read(BUFFERS + 0xFFD, 3) == bytes([0, 0, 0])
    assert rig.memory.read(BUFFERS + 0x5000, 5) == bytes([0, 0x22, 0x11, 0x44, 0x33])


def test_the_guest_sets_the_lamps_of_the_keyboard(rig):
    rig.enumerate(KEYBOARD, 6)
    keyboard = rig.hc.usb_devices()[KEYBOARD]
    assert rig.control(6, struct.pack("<BBHHH", 0x21, 9, 0x200, 0, 1), b"\x03")[0] == [0, 0, 0]
    assert keyboard.leds() == 0b110


def test_the_done_queue_waits_until_the_guest_has_taken_the_last_one(tablet):
    pointer(tablet).put_position(1, 2, 0, 0, 0)
    tablet.advance(9 * MILLISECOND)
    second = tablet.queue(tablet.ed, r.PID_IN, BUFFERS, 8)
    pointer(tablet).put_position(3, 4, 0, 0, 0)
    tablet.advance(50 * MILLISECOND)
    assert tablet.code(second) == 0
    assert tablet.done() == [tablet.td]
    tablet.advance(2 * MILLISECOND)
    assert tablet.done() == [second]


# ---------------------------------------------------------------------- frames


def test_the_frame_number_follows_time(rig):
    first = rig.get(r.HC_FM_NUMBER)
    rig.advance(250 * MILLISECOND + MILLISECOND // 2)
    assert rig.get(r.HC_FM_NUMBER) - first == 250
    assert 0 < rig.get(r.HC_FM_REMAINING) & 0x3FFF < 0x2EDF
    rig.put(r.HC_CONTROL, r.USB_SUSPEND)
    held = rig.get(r.HC_FM_NUMBER)
    rig.advance(10 * MILLISECOND)
    assert rig.get(r.HC_FM_NUMBER) == held


def test_start_of_frame_interrupts_every_frame_while_it_is_enabled(rig):
    rig.put(r.HC_INTERRUPT_DISABLE, r.INT_RHSC)
    rig.put(r.HC_INTERRUPT_ENABLE, r.INT_SF)
    for _ in range(3):
        rig.put(r.HC_INTERRUPT_STATUS, r.INT_SF)
        assert not rig.hc.intx.level
        rig.advance(MILLISECOND)
        assert rig.hc.intx.level


def frames_run(rig, milliseconds):
    """Return how often the frame timer fires."""
    count = 0
    end = rig.clock + milliseconds * MILLISECOND
    while (deadline := rig.time.next_deadline()) is not None and deadline <= end:
        rig.clock = deadline
        rig.time.run_due()
        count += 1
    rig.clock = end
    return count


def test_a_quiet_tablet_costs_a_look_every_100_ms_and_nothing_costs_nothing(tablet):
    assert 8 <= frames_run(tablet, 1000) <= 10
    before = tablet.words(HCCA + r.HCCA_FRAME_NUMBER, 1)[0]
    frames_run(tablet, 275)  # what Linux waits for the number to change
    assert tablet.words(HCCA + r.HCCA_FRAME_NUMBER, 1)[0] != before
    tablet.put(r.HC_CONTROL, r.USB_OPERATIONAL)
    frames_run(tablet, 2100)
    assert frames_run(tablet, 1000) == 0


def test_frames_are_numbered_while_the_guest_has_not_seen_the_end_of_a_transfer(rig):
    rig.put(r.HC_CONTROL, r.USB_OPERATIONAL | r.CONTROL_CLE)
    rig.put_port(TABLET, r.SET_PORT_RESET)
    ed = rig.endpoint(0, 0, 0, 8)
    rig.memory.write(BUFFERS, GET_DESCRIPTOR_DEVICE)
    rig.queue(ed, r.PID_SETUP, BUFFERS, 8)
    rig.put(r.HC_CONTROL_HEAD_ED, ed)
    rig.put(r.HC_COMMAND_STATUS, r.COMMAND_CLF)
    frames_run(rig, 5000)
    before = rig.words(HCCA + r.HCCA_FRAME_NUMBER, 1)[0]
    assert 8 <= frames_run(rig, 1000) <= 10
    assert rig.words(HCCA + r.HCCA_FRAME_NUMBER, 1)[0] != before
    rig.done()
    frames_run(rig, 3000)
    assert frames_run(rig, 1000) == 0


def test_only_frames_with_something_on_their_list_are_run(tablet):
    pointer(tablet).put_position(1, 2, 0, 0, 0)
    assert frames_run(tablet, 40) <= 7  # every eighth, and one for the done queue


def test_init_leaves_the_controller_alone_and_a_hard_reset_does_not(tablet):
    tablet.set.reset(ResetKind.SOFT)
    assert tablet.get(r.HC_CONTROL) & r.CONTROL_HCFS == r.USB_OPERATIONAL
    tablet.set.reset(ResetKind.HARD)
    assert tablet.get(r.HC_CONTROL) == r.USB_RESET
    assert not pointer(tablet).configured()
    assert tablet.time.next_deadline() is None


def test_a_soft_reset_suspends_and_leaves_the_ports(tablet):
    tablet.put(r.HC_COMMAND_STATUS, r.COMMAND_HCR)
    assert tablet.get(r.HC_CONTROL) & r.CONTROL_HCFS == r.USB_SUSPEND
    assert tablet.get(r.HC_FM_INTERVAL) == r.FM_INTERVAL_DEFAULT
    assert tablet.port(TABLET) & r.PORT_PES


# ---------------------------------------------------------------------- saved states


def test_a_pending_transfer_and_its_device_survive_saving(tablet):
    pointer(tablet).put_position(7, 8, 0, 0, 1)
    again = saved(tablet)
    assert pointer(again).configured()
    again.advance(110 * MILLISECOND)
    assert struct.unpack("<BbbxHH", again.memory.read(BUFFERS, 8)) == (1, 0, 0, 7, 8)
    assert again.done() == [tablet.td]


def test_a_control_transfer_goes_on_after_restoring(rig):
    rig.put_port(TABLET, r.SET_PORT_RESET)
    device = pointer(rig)
    device.setup(GET_DESCRIPTOR_DEVICE)
    first = device.data_in(0, 8)
    again = pointer(saved(rig))
    assert first + again.data_in(0, 10) == device.description.device()


def test_a_state_of_other_devices_is_not_taken(rig):
    state = rig.hc.state_to_save()
    state.devices = [state.devices[KEYBOARD], None]
    rig.hc.state_loaded(1)
    assert type(pointer(rig).state).__name__ == "TabletState"


# ---------------------------------------------------------------------- mistakes


def test_more_devices_than_ports_or_unknown_ones_are_refused():
    for devices, wanted in (("mouse," * 13, "14 devices for 12 ports"), ("toaster", "toaster")):
        with pytest.raises(ConfigurationError, match=wanted):
            Bench(tree(**{"usb-ohci": {"pci": (6, 0), "devices": devices}}))


def test_lists_that_are_loops_end(rig):
    rig.enumerate(TABLET, 5)
    first = rig.endpoint(1, 5, 1, 8, following=EDS + 0x20)
    second = rig.endpoint(2, 5, 1, 8, following=first)
    rig.poll(first, range(32))
    # A transfer that is its own successor never comes to the tail.
    td = rig.words(second, 3)[2]
    rig.store(td, 0xF000_0000 | r.PID_IN << 19, 0, td, 0)
    rig.store(second + 4, 0x1000)
    rig.put(r.HC_BULK_HEAD_ED, second)
    rig.put(r.HC_COMMAND_STATUS, r.COMMAND_BLF)
    rig.advance(20 * MILLISECOND)


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_hostile_memory_and_registers_do_no_harm(data):
    rig = OhciRig()
    rig.enumerate(TABLET, 5)
    words = st.one_of(
        st.sampled_from([EDS, EDS + 16, TDS, HCCA, BUFFERS, 0xFFFF_FFF0, 0xF000_0000]),
        st.integers(0, 0xFFFF_FFFF),
    )
    for base in (EDS, TDS, HCCA):
        rig.store(base, *data.draw(st.lists(words, min_size=32, max_size=32)))
    write_anything(data, rig, rig.put, 0x90, words)
