"""Keyboard, mouse and tablet: reports, what the HID class asks, and the control pipe below."""

from __future__ import annotations

import struct

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.console.pckeys import PcKey
from engine.errors import ConfigurationError
from engine.keys import break_, make
from engine.vusb.catalog import AnyState, make_device
from engine.vusb.descriptors import Speed
from engine.vusb.device import Handshake

ENDPOINT = 1


class Bus:
    """Records what a device tells its controller."""

    def __init__(self, device):
        self.ready = self.changed = self.time = 0
        device.connect(self.on_ready, self.on_changed, lambda: self.time)

    def on_ready(self):
        self.ready += 1

    def on_changed(self):
        self.changed += 1


def control(device, request_type, request, value=0, index=0, data=b"", length=None):
    """Run a control transfer; return the data, b"" or STALL."""
    count = len(data) if length is None else length
    device.setup(struct.pack("<BBHHH", request_type, request, value, index, count))
    if count and request_type & 0x80:
        answer = device.data_in(0, count)
        if answer is not Handshake.STALL:
            assert device.data_out(0, b"") is Handshake.ACK
        return answer
    if count:
        assert device.data_out(0, data) is Handshake.ACK
    return device.data_in(0, 0)


def configured(kind):
    device = make_device(kind)
    device.bus = Bus(device)
    assert control(device, 0, 5, 9) == b""
    assert control(device, 0, 9, 1) == b""
    assert device.address == 9
    return device


def reports(device):
    found = []
    while (report := device.data_in(ENDPOINT, 8)) is not Handshake.NAK:
        found.append(report)
    return found


# ---------------------------------------------------------------------- standard requests


@pytest.mark.parametrize("kind", ["keyboard", "mouse", "tablet"])
@pytest.mark.parametrize("speed", [Speed.FULL, Speed.HIGH])
def test_descriptors_are_whole(kind, speed):
    device = make_device(kind, speed=speed)
    assert control(device, 0x80, 6, 0x100, length=64)[:2] == b"\x12\x01"
    configuration = control(device, 0x80, 6, 0x200, length=255)
    assert struct.unpack_from("<H", configuration, 2)[0] == len(configuration)
    at, kinds = 0, []
    while at < len(configuration):
        kinds.append(configuration[at + 1])
        at += configuration[at]
    assert (at, kinds) == (len(configuration), [2, 4, 0x21, 5])
    report = control(device, 0x81, 6, 0x2200, length=255)
    assert len(report) == struct.unpack_from("<H", configuration, 9 + 9 + 7)[0]
    assert report.count(0xA1) == report[-2:].count(0xC0) or kind == "keyboard"
    assert control(device, 0x80, 6, 0x302, 0x409, length=64)[2:].decode("utf-16-le").startswith("USB")
    assert control(device, 0x80, 6, 0x303, 0x409, length=64) is Handshake.STALL


def test_the_address_counts_after_the_status_stage():
    device = make_device("mouse")
    device.setup(struct.pack("<BBHHH", 0, 5, 44, 0, 0))
    assert device.address == 0
    assert device.data_in(0, 0) == b""
    assert device.address == 44


def test_status_features_configuration_and_interface():
    device = configured("tablet")
    assert control(device, 0x80, 0, length=2) == b"\0\0"
    assert control(device, 0, 3, 1) == b""  # remote wake-up
    assert control(device, 0x80, 0, length=2) == b"\2\0"
    assert control(device, 0x80, 8, length=1) == b"\1"
    assert control(device, 0x81, 10, length=1) == b"\0"
    assert control(device, 1, 11) == b""
    assert control(device, 1, 11, 1) is Handshake.STALL
    assert control(device, 0, 9, 2) is Handshake.STALL
    assert device.configured()
    assert control(device, 0, 9, 0) == b""
    assert not device.configured()
    assert device.bus.changed == 2


def test_a_halted_endpoint_stalls_until_the_halt_is_cleared():
    device = configured("tablet")
    assert control(device, 2, 3, 0, 0x81) == b""
    assert control(device, 0x82, 0, index=0x81, length=2) == b"\1\0"
    assert device.data_in(ENDPOINT, 8) is Handshake.STALL
    assert control(device, 2, 1, 0, 0x81) == b""
    assert device.data_in(ENDPOINT, 8) is Handshake.NAK
    assert device.data_in(7, 8) is Handshake.STALL
    assert control(device, 2, 3, 0, 0x87) is Handshake.STALL


def test_a_new_setup_ends_what_was_in_progress():
    device = configured("keyboard")
    device.setup(struct.pack("<BBHHH", 0x80, 6, 0x100, 0, 18))
    assert control(device, 0x80, 8, length=1) == b"\1"
    assert device.setup(b"short") is Handshake.STALL


# ---------------------------------------------------------------------- the HID class


def test_reports_repeat_when_the_host_asks_for_it():
    device = configured("keyboard")
    device.put_scancodes(b"\x1e")
    assert len(reports(device)) == 1
    assert not device.needs_polling
    assert control(device, 0x21, 0x0A, 8 << 8) == b""  # every 32 ms
    assert control(device, 0xA1, 2, length=1) == b"\x08"
    assert device.needs_polling
    assert device.data_in(ENDPOINT, 8) is Handshake.NAK
    device.bus.time = 33_000_000
    assert device.data_in(ENDPOINT, 8) == b"\0\0\4\0\0\0\0\0"
    assert device.data_in(ENDPOINT, 8) is Handshake.NAK


def test_protocol_report_and_unknown_requests():
    device = configured("mouse")
    assert control(device, 0xA1, 3, length=1) == b"\1"
    device.put_event(1, 2, 3, 0, 9)
    assert reports(device) == [struct.pack("<Bbbbb", 9, 1, 2, -3, 0)]
    assert control(device, 0x21, 0x0B, 0) == b""
    device.put_event(1, 2, 3, 0, 9)
    assert reports(device) == [struct.pack("<Bbb", 1, 1, 2)]
    assert control(device, 0xA1, 1, 0x100, length=8) == struct.pack("<Bbb", 1, 1, 2)
    assert control(device, 0x21, 0x0B, 2) is Handshake.STALL
    assert control(device, 0xA1, 0x77, length=1) is Handshake.STALL


# ---------------------------------------------------------------------- devices


def test_every_key_has_a_usage_of_its_own_and_goes_up_again():
    seen = set()
    for key in PcKey:
        if key is PcKey.PAUSE:
            continue  # three bytes; below
        keyboard = configured("keyboard")
        keyboard.put_scancodes(make(key.value))
        down = reports(keyboard)
        keyboard.put_scancodes(break_(key.value))
        if not down:
            continue  # multimedia keys have no usage on the keyboard page
        assert reports(keyboard) == [bytes(8)], key
        assert down[0] not in seen, key
        seen.add(down[0])
    assert len(seen) > 100


def test_modifiers_several_keys_and_too_many():
    keyboard = configured("keyboard")
    keyboard.put_scancodes(b"\x2a\x1e\x1f")
    assert reports(keyboard)[-1] == b"\2\0\4\x16\0\0\0\0"
    keyboard.put_scancodes(bytes(range(0x20, 0x25)))
    assert reports(keyboard)[-1] == b"\2\0" + b"\1" * 6


def test_pause_and_pretended_shifts():
    keyboard = configured("keyboard")
    keyboard.put_scancodes(b"\xe1\x1d\x45\xe1\x9d\xc5")
    assert reports(keyboard) == [b"\0\0\x48\0\0\0\0\0", bytes(8)]
    keyboard.put_scancodes(b"\xe0\x2a\xe0\x48\xe0\xc8\xe0\xaa")
    assert reports(keyboard) == [b"\0\0\x52\0\0\0\0\0", bytes(8)]


def test_a_guest_that_does_not_read_learns_what_is_down_in_the_end():
    keyboard = configured("keyboard")
    for _ in range(200):
        keyboard.put_scancodes(b"\x1e\x9e")
    keyboard.put_scancodes(b"\x1e")
    assert keyboard.room() == 0
    assert reports(keyboard)[-1] == b"\0\0\4\0\0\0\0\0"


def test_motion_adds_up_and_what_does_not_fit_follows():
    mouse = configured("mouse")
    mouse.put_event(100, 0, 0, 0, 0)
    mouse.put_event(100, -5, 0, 2, 0)
    assert reports(mouse) == [
        struct.pack("<Bbbbb", 0, 127, -5, 0, 2), struct.pack("<Bbbbb", 0, 73, 0, 0, 0)
    ]  # fmt: skip


def test_no_click_is_lost():
    tablet = configured("tablet")
    for position in (10, 20, 30):
        tablet.put_position(position, 0, 0, 0, 0)
    tablet.put_position(30, 0, 0, 0, 1)
    tablet.put_position(30, 0, 0, 0, 0)
    tablet.put_position(30, 0, 0, 0, 0)
    assert [struct.unpack("<B3xH", each[:6]) for each in reports(tablet)] == [
        (0, 30), (1, 30), (0, 30)
    ]  # fmt: skip
    tablet.put_position(99999, -5, 0, 0, 0)
    assert struct.unpack("<BbbxHH", reports(tablet)[0]) == (0, 0, 0, 32767, 0)
    assert tablet.bus.ready == 6


def test_what_happens_before_the_guest_listens_is_dropped():
    for kind, act in (
        ("mouse", lambda d: d.put_event(1, 1, 0, 0, 1)),
        ("tablet", lambda d: d.put_position(1, 1, 0, 0, 1)),
        ("keyboard", lambda d: d.put_scancodes(b"\x1e\x9e")),
    ):
        device = make_device(kind)
        bus = Bus(device)
        act(device)
        assert bus.ready == 0
        assert device.data_in(ENDPOINT, 8) is Handshake.STALL


def test_an_unknown_device_is_a_mistake_of_the_configuration():
    with pytest.raises(ConfigurationError, match="toaster"):
        make_device("toaster")


@pytest.mark.parametrize(
    "change",
    [
        {"configuration": 7}, {"address": 200}, {"idle": 256}, {"x": -1}, {"buttons": 32},
        {"events": [{"buttons": 99}]},
    ],
)  # fmt: skip
def test_a_damaged_state_is_refused(change):
    state = msgspec.to_builtins(configured("tablet").state)
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({**state, **change}, AnyState)


def test_positions_of_a_damaged_state_stay_on_the_screen():
    tablet = configured("tablet")
    state = msgspec.to_builtins(tablet.state)
    tablet.load(msgspec.convert({**state, "events": [{"x": 1 << 40, "y": -1}]}, AnyState))
    assert struct.unpack("<4xHH", tablet.data_in(ENDPOINT, 8)) == (32767, 0)


@given(
    st.sampled_from(["keyboard", "mouse", "tablet"]),
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 15), st.binary(max_size=16))),
)
def test_hostile_transactions_do_no_harm_and_states_survive(kind, transactions):
    device = make_device(kind)
    for operation, endpoint, data in transactions:
        if operation == 0:
            device.setup(data[:8])
        elif operation == 1:
            device.data_in(endpoint, len(data))
        else:
            device.data_out(endpoint, data)
    encoded = msgspec.msgpack.encode(device.state)
    assert msgspec.msgpack.decode(encoded, type=AnyState) == device.state
