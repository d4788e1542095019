"""8042, PS/2 keyboard and mouse through ports 60h and 64h."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.devices.pckbd.scancodes import SET1_TO_SET2, SET1_TO_SET3
from engine.pdm import ResetKind
from tests.engine.bench import Bench, tree

BYTE = 500_000
PAUSE = bytes.fromhex("e11d45e19dc5")
PRINT_SCREEN = bytes.fromhex("e02ae037e0b7e0aa")


class Rig(Bench):
    def __init__(self, config=0x47):
        super().__init__(tree(pckbd={}))
        self.kbd = self.device("pckbd")
        self.set_config(config)

    def set_config(self, value):
        self.outb(0x64, 0x60)
        self.outb(0x60, value)

    def command(self, value):
        self.outb(0x64, value)
        assert self.inb(0x64) & 1
        return self.inb(0x60)

    def drain(self):
        """Read all bytes as (aux, byte), as they come in."""
        got = []
        for _ in range(600):
            self.advance(BYTE)
            status = self.inb(0x64)
            if not status & 1:
                if not got or self.time.next_deadline() is None:
                    break
                continue
            got.append((bool(status & 0x20), self.inb(0x60)))
        return got

    def keys(self):
        got = self.drain()
        assert not any(aux for aux, _ in got)
        return bytes(byte for _, byte in got)

    def keyboard(self, *values):
        answer = b""
        for value in values:
            self.outb(0x60, value)
            answer += self.keys()
        return answer

    def mouse(self, *values):
        answer = []
        for value in values:
            self.outb(0x64, 0xD4)
            self.outb(0x60, value)
            answer += self.packets()
        return answer

    def packets(self):
        self.advance(20_000_000)
        got = self.drain()
        assert all(aux for aux, _ in got)
        return [byte for _, byte in got]


@pytest.fixture
def rig():
    return Rig()


# ------------------------------------------------------------------ controller


def test_self_and_interface_tests(rig):
    assert rig.command(0xAA) == 0x55
    assert rig.inb(0x64) & 0x04
    assert rig.command(0xAB) == 0
    assert rig.command(0xA9) == 0
    assert rig.command(0xA4) == 0xF1
    assert rig.command(0xC0) & 0x80


def test_configuration_byte_and_ram(rig):
    assert rig.command(0x20) == 0x47
    assert rig.inb(0x64) & 0x04
    rig.set_config(0x40)
    assert not rig.inb(0x64) & 0x04
    rig.outb(0x64, 0x6A)
    rig.outb(0x60, 0x99)
    assert rig.command(0x2A) == 0x99


def test_enable_and_disable_change_the_configuration_byte(rig):
    rig.outb(0x64, 0xAD)
    rig.outb(0x64, 0xA7)
    assert rig.command(0x20) == 0x77
    rig.outb(0x64, 0xAE)
    rig.outb(0x64, 0xA8)
    assert rig.command(0x20) == 0x47


def test_disabled_keyboard_keeps_its_codes(rig):
    rig.outb(0x64, 0xAD)
    rig.kbd.put_scancodes(b"\x1e\x9e")
    rig.advance(10_000_000)
    assert not rig.inb(0x64) & 1
    rig.outb(0x64, 0xAE)
    assert rig.keys() == b"\x1e\x9e"


def test_sending_to_the_keyboard_enables_it(rig):
    rig.outb(0x64, 0xAD)
    assert rig.keyboard(0xEE) == b"\xee"
    assert rig.command(0x20) == 0x47


def test_command_bit_of_the_status(rig):
    rig.outb(0x64, 0xAE)
    assert rig.inb(0x64) & 0x08
    rig.outb(0x60, 0xF4)
    assert not rig.inb(0x64) & 0x08


def test_a20_by_output_port_and_by_short_commands(rig):
    a20 = rig.machine.a20_enabled
    assert not a20()
    rig.outb(0x64, 0xD1)
    rig.outb(0x60, 0xDF)
    assert a20()
    assert rig.command(0xD0) & 0x03 == 0x03
    rig.outb(0x64, 0xD1)
    rig.outb(0x60, 0xDD)
    assert not a20()
    rig.outb(0x64, 0xDF)
    assert a20()
    rig.outb(0x64, 0xDD)
    assert not a20()


@pytest.mark.parametrize(("pulse", "resets"), [(0xFE, True), (0xF0, True), (0xFF, False), (0xFD, False)])
def test_pulse(rig, pulse, resets):
    rig.outb(0x64, pulse)
    assert [kind for kind, _ in rig.machine.resets] == [ResetKind.SOFT] * resets


def test_reset_by_output_port(rig):
    rig.outb(0x64, 0xD1)
    rig.outb(0x60, 0x02)
    assert len(rig.machine.resets) == 1


def test_loop_back_through_the_output_buffers(rig):
    rig.outb(0x64, 0xD2)
    rig.outb(0x60, 0xA5)
    assert rig.inb(0x64) & 0x21 == 0x01
    assert rig.pic.levels[1]
    assert rig.inb(0x60) == 0xA5
    rig.outb(0x64, 0xD3)
    rig.outb(0x60, 0x5A)
    assert rig.inb(0x64) & 0x21 == 0x21
    assert rig.pic.levels[12]
    assert not rig.pic.levels[1]
    assert rig.inb(0x60) == 0x5A
    assert not rig.pic.levels[12]


def test_unknown_command_is_ignored(rig):
    rig.outb(0x64, 0x05)
    assert not rig.inb(0x64) & 1


def test_every_byte_makes_an_edge_of_irq1(rig):
    rig.kbd.put_scancodes(b"\xe0\x48\xe0\xc8")
    assert rig.pic.levels[1]
    for n, byte in enumerate(b"\xe0\x48\xe0\xc8"):
        assert rig.pic.edges[1] == n + 1
        assert rig.inb(0x60) == byte
        assert not rig.pic.levels[1]
        assert rig.inb(0x60) == byte  # a handler further down the chain reads it again
        rig.advance(BYTE)
    assert rig.pic.edges[1] == 4


def test_no_irq_when_disabled_in_the_configuration(rig):
    rig.set_config(0x40)
    rig.kbd.put_scancodes(b"\x1e")
    assert rig.inb(0x64) & 1
    assert not rig.pic.levels[1]
    rig.set_config(0x41)
    assert rig.pic.levels[1]


# ------------------------------------------------------------------ scan codes


def test_set1_to_set2_is_a_bijection_with_known_pairs():
    assert len(set(SET1_TO_SET2[1:])) == 127
    known = {
        0x01: 0x76, 0x02: 0x16, 0x0E: 0x66, 0x0F: 0x0D, 0x10: 0x15, 0x1C: 0x5A, 0x1D: 0x14,
        0x1E: 0x1C, 0x29: 0x0E, 0x2A: 0x12, 0x2B: 0x5D, 0x2C: 0x1A, 0x35: 0x4A, 0x36: 0x59,
        0x37: 0x7C, 0x38: 0x11, 0x39: 0x29, 0x3A: 0x58, 0x3B: 0x05, 0x3C: 0x06, 0x3D: 0x04,
        0x3E: 0x0C, 0x3F: 0x03, 0x40: 0x0B, 0x41: 0x83, 0x42: 0x0A, 0x43: 0x01, 0x44: 0x09,
        0x45: 0x77, 0x46: 0x7E, 0x47: 0x6C, 0x48: 0x75, 0x49: 0x7D, 0x4A: 0x7B, 0x4B: 0x6B,
        0x4C: 0x73, 0x4D: 0x74, 0x4E: 0x79, 0x4F: 0x69, 0x50: 0x72, 0x51: 0x7A, 0x52: 0x70,
        0x53: 0x71, 0x54: 0x84, 0x56: 0x61, 0x57: 0x78, 0x58: 0x07, 0x5B: 0x1F, 0x5C: 0x27,
        0x5D: 0x2F, 0x70: 0x13, 0x73: 0x51, 0x79: 0x64, 0x7B: 0x67, 0x7D: 0x6A, 0x7E: 0x6D,
    }  # fmt: skip
    assert {code: SET1_TO_SET2[code] for code in known} == known


def test_set3_codes_are_distinct_and_complete():
    assert len(set(SET1_TO_SET3.values())) == len(SET1_TO_SET3)
    assert set(range(0x01, 0x55)) <= set(SET1_TO_SET3)


@pytest.mark.parametrize("head", [b"", b"\xe0"])
def test_translated_set2_gives_set1_back_for_every_code(rig, head):
    for code in range(0x01, 0x80):
        if head + bytes([code]) in {b"\x60", b"\x61", b"\xe0\x60", b"\xe0\x61"}:
            continue  # E0h and E1h would be their break codes: no key has them
        for byte in (code, code | 0x80):
            rig.kbd.put_scancodes(head + bytes([byte]))
            assert rig.keys() == head + bytes([byte])


@pytest.mark.parametrize("codes", [PAUSE, PRINT_SCREEN, b"\x54\xd4", b"\xe0\x46\xe0\xc6"])
def test_long_sequences_in_set1_and_translated(rig, codes):
    rig.kbd.put_scancodes(codes)
    assert rig.keys() == codes


def test_untranslated_set2(rig):
    rig.set_config(0x07)
    rig.kbd.put_scancodes(b"\x1e\x9e\xe0\x48\xe0\xc8\x41\xc1")
    assert rig.keys() == bytes.fromhex("1cf01c e075e0f075 83f083")
    rig.kbd.put_scancodes(PAUSE)
    assert rig.keys() == bytes.fromhex("e11477e1f014f077")
    rig.kbd.put_scancodes(PRINT_SCREEN)
    assert rig.keys() == bytes.fromhex("e012e07ce0f07ce0f012")


def test_sequence_in_pieces(rig):
    for byte in PAUSE:
        rig.kbd.put_scancodes(bytes([byte]))
    assert rig.keys() == PAUSE


def test_set1_untranslated(rig):
    rig.set_config(0x07)
    assert rig.keyboard(0xF0, 1) == b"\xfa\xfa"
    rig.kbd.put_scancodes(b"\x1e\x9e\xe0\x48\xe0\xc8" + PAUSE)
    assert rig.keys() == b"\x1e\x9e\xe0\x48\xe0\xc8" + PAUSE


def test_set3(rig):
    rig.set_config(0x07)
    assert rig.keyboard(0xF0, 3) == b"\xfa\xfa"
    assert rig.keyboard(0xF0, 0) == b"\xfa\xfa\x03"
    rig.kbd.put_scancodes(b"\x1e\x9e\x2a\xaa\xe0\x48\xe0\xc8" + PAUSE + PRINT_SCREEN)
    assert rig.keys() == bytes.fromhex("1c 12f012 63 62 57")
    assert rig.keyboard(0xFA) == b"\xfa"
    rig.kbd.put_scancodes(b"\x1e\x9e" + PAUSE)
    assert rig.keys() == bytes.fromhex("1cf01c 62f062")
    assert rig.keyboard(0xFD, 0x1C, 0x32) == b"\xfa\xfa\xfa"
    assert rig.keyboard(0xF4) == b"\xfa"
    rig.kbd.put_scancodes(b"\x1e\x9e\x30\xb0\x2e\xae")
    assert rig.keys() == bytes.fromhex("1c 32 21f021")


# ------------------------------------------------------------------ keyboard commands


def test_keyboard_reset_and_identify(rig):
    assert rig.keyboard(0xFF) == b"\xfa\xaa"
    assert rig.keyboard(0xF2) == b"\xfa\xab\x41"  # translated
    rig.set_config(0x07)
    assert rig.keyboard(0xF2) == b"\xfa\xab\x83"
    assert rig.keyboard(0xEE) == b"\xee"
    assert rig.keyboard(0xE0) == b"\xfe"


def test_leds_and_typematic(rig):
    assert rig.keyboard(0xED, 0x05) == b"\xfa\xfa"
    assert rig.kbd.leds() == 5
    assert rig.keyboard(0xF3, 0x20) == b"\xfa\xfa"
    assert rig.kbd.state.keyboard.typematic == 0x20
    assert rig.keyboard(0xF6) == b"\xfa"
    assert rig.kbd.state.keyboard.typematic == 0x2B


def test_command_in_place_of_an_argument(rig):
    assert rig.keyboard(0xED, 0xF4) == b"\xfa\xfa"
    assert rig.kbd.leds() == 0


def test_disable_scanning_drops_keys(rig):
    assert rig.keyboard(0xF5) == b"\xfa"
    rig.kbd.put_scancodes(b"\x1e")
    assert rig.keys() == b""
    assert rig.keyboard(0xF4) == b"\xfa"
    rig.kbd.put_scancodes(b"\x9e")
    assert rig.keys() == b"\x9e"


def test_resend(rig):
    rig.kbd.put_scancodes(b"\x1e")
    assert rig.keys() == b"\x1e"
    assert rig.keyboard(0xFE) == b"\x1e"


def test_bad_scan_code_set_is_asked_for_again(rig):
    assert rig.keyboard(0xF0, 9) == b"\xfa\xfe"
    assert rig.keyboard(1) == b"\xfa"
    assert rig.kbd.state.keyboard.scan_set == 1


def test_answers_pass_waiting_keys_and_arguments_hold_them(rig):
    rig.set_config(0x57)  # keyboard held
    rig.kbd.put_scancodes(b"\x1e\x9e")
    assert rig.keyboard(0xED) == b"\xfa"
    assert rig.keyboard(0x07) == b"\xfa\x1e\x9e"


def test_overrun_keeps_break_codes(rig):
    rig.outb(0x64, 0xAD)
    for _ in range(300):
        rig.kbd.put_scancodes(b"\x1e")
    rig.kbd.put_scancodes(b"\x9e\xaa\xb8")
    rig.outb(0x64, 0xAE)
    got = rig.keys()
    assert got.count(0xFF) == 1
    assert got.endswith(b"\x9e\xaa\xb8")
    rig.kbd.put_scancodes(b"\x1f\x9f")
    assert rig.keys() == b"\x1f\x9f"


# ------------------------------------------------------------------ mouse


def test_mouse_reset_and_identify(rig):
    assert rig.mouse(0xFF) == [0xFA, 0xAA, 0x00]
    assert rig.mouse(0xF2) == [0xFA, 0x00]
    assert rig.mouse(0xE1) == [0xFE]


@pytest.mark.parametrize(
    ("rates", "device_id"), [((200, 100, 80), 3), ((200, 200, 80), 4), ((100, 100, 80), 0)]
)
def test_knocks(rig, rates, device_id):
    for rate in rates:
        assert rig.mouse(0xF3, rate) == [0xFA, 0xFA]
    assert rig.mouse(0xF2) == [0xFA, device_id]
    rig.mouse(0xFF)
    assert rig.mouse(0xF2) == [0xFA, 0]


def test_stream_packets_and_irq12(rig):
    assert rig.mouse(0xF4) == [0xFA]
    edges = rig.pic.edges[12]
    rig.kbd.put_event(5, 3, 0, 0, 1)
    assert rig.packets() == [0x29, 5, 0xFD]
    assert rig.pic.edges[12] == edges + 3
    rig.kbd.put_event(-5, -3, 0, 0, 0)
    assert rig.packets() == [0x18, 0xFB, 3]
    rig.kbd.put_event(0, 0, 0, 0, 0)
    assert rig.packets() == []


def test_motion_is_accumulated_and_split(rig):
    rig.mouse(0xF4)
    for _ in range(100):
        rig.kbd.put_event(7, -2, 0, 0, 0)
    data = rig.packets()
    packets = [data[i : i + 3] for i in range(0, len(data), 3)]
    dx = sum(p[1] - (256 if p[0] & 0x10 else 0) for p in packets)
    dy = sum(p[2] - (256 if p[0] & 0x20 else 0) for p in packets)
    assert (dx, dy) == (700, 200)
    assert len(packets) <= 5


def test_sample_rate_limits_packets(rig):
    rig.mouse(0xF4)
    rig.mouse(0xF3, 10)
    rig.kbd.put_event(1, 0, 0, 0, 0)
    for _ in range(6):
        rig.advance(BYTE)
        rig.inb(0x60)
    rig.kbd.put_event(1, 0, 0, 0, 0)
    rig.advance(90_000_000)
    assert not rig.inb(0x64) & 1
    rig.advance(10_000_000)
    assert rig.inb(0x64) & 0x21 == 0x21


def test_fast_click_is_not_lost(rig):
    rig.mouse(0xF4)
    rig.kbd.put_event(0, 0, 0, 0, 1)
    rig.kbd.put_event(0, 0, 0, 0, 0)
    rig.kbd.put_event(0, 0, 0, 0, 2)
    rig.kbd.put_event(0, 0, 0, 0, 0)
    data = []
    while more := rig.packets():
        data += more
    assert data[::3] == [0x09, 0x08, 0x0A, 0x08]


def test_many_clicks_end_in_the_true_state(rig):
    rig.mouse(0xF4)
    for n in range(1000):
        rig.kbd.put_event(1, 0, 0, 0, n & 1)
    data = []
    while more := rig.packets():
        data += more
    assert sum(data[1::3]) == 1000
    assert data[-3] & 7 == 1


def test_wheel_and_extra_buttons(rig):
    for rate in (200, 100, 80):
        rig.mouse(0xF3, rate)
    rig.mouse(0xF4)
    rig.kbd.put_event(0, 0, -1, 0, 0)
    assert rig.packets() == [8, 0, 0, 0xFF]
    rig.kbd.put_event(0, 0, 10, 0, 0)
    assert rig.packets() == [8, 0, 0, 7, 8, 0, 0, 3]
    for rate in (200, 200, 80):
        rig.mouse(0xF3, rate)
    rig.kbd.put_event(0, 0, -1, 0, 0x18)
    assert rig.packets() == [8, 0, 0, 0x3F]


def knock(rig, *rates):
    for rate in rates:
        rig.mouse(0xF3, rate)


def test_horizontal_wheel_after_its_knock(rig):
    knock(rig, 200, 200, 80)
    rig.mouse(0xF4)
    rig.kbd.put_event(0, 0, 0, 1, 0)
    assert rig.packets() == []
    knock(rig, 200, 80, 40)
    assert rig.mouse(0xF2) == [0xFA, 4]
    rig.kbd.put_event(0, 0, 0, 1, 0)
    assert rig.packets() == [8, 0, 0, 0x7F]
    rig.kbd.put_event(0, 0, 0, -40, 0)
    assert rig.packets() == [8, 0, 0, 0x5F, 8, 0, 0, 0x49]
    rig.mouse(0xFF)
    knock(rig, 200, 200, 80)
    rig.mouse(0xF4)
    rig.kbd.put_event(0, 0, 0, 1, 0)
    assert rig.packets() == []


def test_horizontal_wheel_hides_neither_buttons_nor_the_other_wheel(rig):
    knock(rig, 200, 200, 80, 200, 80, 40, 100)
    rig.mouse(0xF4)
    rig.kbd.put_event(0, 0, 1, 2, 0x09)
    assert rig.packets() == [9, 0, 0, 0x7E, 9, 0, 0, 0x11]
    rig.kbd.put_event(0, 0, 0, -1, 0)
    assert rig.packets() == [8, 0, 0, 0x41, 8, 0, 0, 0]


def test_the_knock_needs_an_explorer(rig):
    knock(rig, 200, 100, 80, 200, 80, 40)
    rig.mouse(0xF4)
    rig.kbd.put_event(0, 0, 0, 1, 0)
    assert rig.packets() == []


def test_remote_mode(rig):
    assert rig.mouse(0xF0) == [0xFA]
    rig.kbd.put_event(4, 0, 0, 0, 0)
    assert rig.packets() == []
    assert rig.mouse(0xEB) == [0xFA, 8, 4, 0]
    assert rig.mouse(0xEB) == [0xFA, 8, 0, 0]
    assert rig.mouse(0xE9) == [0xFA, 0x40, 2, 100]
    assert rig.mouse(0xEA) == [0xFA]


def test_wrap_mode(rig):
    assert rig.mouse(0xEE) == [0xFA]
    assert rig.mouse(0xF4, 0x55) == [0xF4, 0x55]
    assert rig.mouse(0xEC) == [0xFA]
    assert rig.mouse(0xF2) == [0xFA, 0]


def test_status_resolution_scaling_and_defaults(rig):
    rig.mouse(0xE8, 3)
    rig.mouse(0xE7)
    rig.mouse(0xF4)
    rig.kbd.put_event(0, 0, 0, 0, 5)
    rig.packets()
    assert rig.mouse(0xE9) == [0xFA, 0x20 | 0x10 | 4 | 2, 3, 100]
    rig.kbd.put_event(4, 0, 0, 0, 5)
    assert rig.packets()[1] == 6
    rig.kbd.put_event(-20, 0, 0, 0, 5)
    assert rig.packets()[1] == 256 - 40
    assert rig.mouse(0xF6) == [0xFA]
    assert rig.mouse(0xE9) == [0xFA, 4 | 2, 2, 100]


def test_disabled_mouse_reports_nothing_and_keeps_buttons(rig):
    rig.kbd.put_event(9, 9, 0, 0, 1)
    assert rig.packets() == []
    rig.mouse(0xF4)
    rig.kbd.put_event(0, 0, 0, 0, 1)
    assert rig.packets() == [9, 0, 0]


def test_disabled_aux_interface_holds_packets(rig):
    rig.mouse(0xF4)
    rig.outb(0x64, 0xA7)
    rig.kbd.put_event(300, 0, 0, 0, 0)
    rig.kbd.put_scancodes(b"\x1e")
    assert rig.keys() == b"\x1e"
    rig.outb(0x64, 0xA8)
    assert rig.packets() == [8, 255, 0, 8, 45, 0]


def test_keyboard_and_mouse_share_the_output_buffer(rig):
    rig.mouse(0xF4)
    rig.kbd.put_event(1, 0, 0, 0, 0)
    rig.kbd.put_scancodes(b"\x1e\x9e")
    assert sorted(rig.drain()) == [
        (False, 0x1E), (False, 0x9E), (True, 0), (True, 1), (True, 8),
    ]  # fmt: skip


# ------------------------------------------------------------------ life


def test_reset_and_init(rig):
    rig.keyboard(0xED, 7)
    rig.outb(0x64, 0xDF)
    rig.kbd.put_scancodes(b"\x1e")
    rig.set.reset(ResetKind.SOFT)
    assert rig.machine.a20_enabled()
    assert rig.pic.levels[1]
    rig.set.reset(ResetKind.HARD)
    assert not rig.machine.a20_enabled()
    assert not rig.pic.levels[1]
    assert rig.kbd.leds() == 0
    assert rig.keys() == b""


def test_state_survives_a_round_trip(rig):
    rig.mouse(0xF4)
    rig.kbd.put_scancodes(b"\x1e\x9e\xe0\x48\xe0")
    rig.kbd.put_event(7, 0, 0, 0, 1)
    saved = msgspec.msgpack.encode(rig.kbd.state)
    other = Rig()
    other.advance(rig.clock - other.clock)
    other.kbd.state = msgspec.msgpack.decode(saved, type=type(other.kbd.state))
    other.kbd.state_loaded(1)
    assert other.pic.levels[1]
    other.kbd.put_scancodes(b"\xc8")
    rig.kbd.put_scancodes(b"\xc8")
    assert other.drain() == rig.drain()
    assert other.kbd.state == rig.kbd.state


ACTIONS = st.one_of(
    st.tuples(st.just("60"), st.integers(0, 255)),
    st.tuples(st.just("64"), st.integers(0, 255)),
    st.tuples(st.just("keys"), st.binary(max_size=8)),
    st.tuples(st.just("mouse"), st.tuples(*[st.integers(-600, 600)] * 4, st.integers(0, 255))),
    st.tuples(st.just("in"), st.just(0)),
    st.tuples(st.just("wait"), st.just(0)),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(ACTIONS, max_size=80))
def test_any_sequence_is_taken(steps):
    rig = Rig()
    for what, value in steps:
        if what in {"60", "64"}:
            rig.outb(int(what, 16), value)
        elif what == "keys":
            rig.kbd.put_scancodes(value)
        elif what == "mouse":
            rig.kbd.put_event(*value)
        elif what == "in":
            assert 0 <= rig.inb(0x60) <= 255
        else:
            rig.advance(BYTE)
        assert not (rig.pic.levels[1] and rig.pic.levels[12])
        assert len(rig.kbd.state.keyboard.queue) <= 257
    msgspec.msgpack.encode(rig.kbd.state)
