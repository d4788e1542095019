"""16550A UART: FIFOs, interrupts and their priorities, loop-back, speed of reception."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import ConfigurationError
from engine.pdm import ResetKind
from engine.pdm.serialline import LineSettings, ModemInput
from tests.engine.bench import Bench, tree

RBR, IER, IIR, LCR, MCR, LSR, MSR, SCR = range(0x3F8, 0x400)
CHAR = 10 * 10**9 // 115_200  # 8N1 at divisor 1


class Line:
    def __init__(self):
        self.sent = b""
        self.receiver = None

    def write(self, data):
        self.sent += data

    def set_receiver(self, receiver):
        self.receiver = receiver


class Rig(Bench):
    def __init__(self, **config):
        self.line = Line()
        super().__init__(tree(serial=config), attachments={("serial/0", 0): self.line})
        self.uart = self.device("serial")

    def setup(self, *, ier=0x0F, fcr=0x01, divisor=1):
        self.outb(LCR, 0x83)
        self.outb(RBR, divisor & 0xFF)
        self.outb(IER, divisor >> 8)
        self.outb(LCR, 0x03)
        self.outb(IIR, fcr)
        self.outb(MCR, 0x0B)
        self.outb(IER, ier)
        self.inb(IIR)  # the transmitter interrupt of enabling it
        return self

    @property
    def irq(self):
        return self.pic.levels[4]


@pytest.fixture
def rig():
    return Rig().setup()


def test_reset_values():
    rig = Rig()
    assert [rig.inb(0x3F8 + n) for n in (1, 2, 3, 4, 5, 6)] == [0, 1, 0, 0, 0x60, 0xB0]
    assert not rig.irq


def test_divisor_latch_and_scratch(rig):
    rig.outb(LCR, 0x83)
    rig.outb(RBR, 0x34)
    rig.outb(IER, 0x12)
    assert (rig.inb(RBR), rig.inb(IER)) == (0x34, 0x12)
    rig.outb(LCR, 0x03)
    assert rig.inb(IER) == 0x0F
    rig.outb(SCR, 0xA5)
    assert rig.inb(SCR) == 0xA5


def test_transmission(rig):
    for byte in b"hi":
        rig.outb(RBR, byte)
    assert rig.line.sent == b"hi"
    assert rig.inb(LSR) == 0x60


def test_transmitter_interrupt(rig):
    rig.outb(IER, 0)
    assert not rig.irq
    rig.outb(IER, 0x02)
    assert rig.irq
    assert rig.inb(IIR) == 0xC2
    assert not rig.irq
    assert rig.inb(IIR) == 0xC1
    rig.outb(RBR, 65)
    assert rig.irq
    rig.outb(IER, 0)
    assert not rig.irq


def test_each_byte_interrupts_a_driver_that_never_reads_iir(rig):
    rig.outb(IER, 0)
    rig.outb(IER, 0x02)
    for n, byte in enumerate(b"text"):
        edges = rig.pic.edges[4]
        rig.outb(RBR, byte)
        assert rig.irq
        assert rig.pic.edges[4] == edges + 1, n
    assert rig.line.sent == b"text"


def test_transmitter_interrupt_waits_behind_reception(rig):
    """Reading IIR clears the transmitter's interrupt only when it is the one that was read."""
    rig.line.receiver(b"x")
    rig.outb(RBR, 65)
    assert rig.inb(IIR) == 0xC4
    rig.inb(RBR)
    assert rig.irq
    assert rig.inb(IIR) == 0xC2
    assert not rig.irq


def test_transmitter_passes_the_start_up_tests_of_linux():
    """serial8250_do_startup: an idle transmitter asserts again each time that IER is switched on."""
    rig = Rig()
    rig.outb(MCR, 0x08)
    for _ in range(3):
        edges = rig.pic.edges[4]
        rig.outb(IER, 0x02)
        assert rig.inb(LSR) & 0x60 == 0x60
        assert rig.pic.edges[4] == edges + 1
        assert rig.inb(IIR) & 0x0F == 0x02
        assert rig.inb(IIR) & 0x0F == 0x01
        rig.outb(IER, 0)
        assert not rig.irq


def test_console_output_between_does_not_lose_the_transmitter_interrupt(rig):
    """serial8250_console_write switches IER off, polls LSR, writes, and restores IER."""
    rig.outb(IER, 0x07)
    rig.outb(RBR, ord("u"))
    rig.inb(IIR)  # the handler has begun and found nothing more to send...
    saved = rig.inb(IER)
    rig.outb(IER, 0)
    for byte in b"kernel":
        assert rig.inb(LSR) & 0x20
        rig.outb(RBR, byte)
        assert not rig.irq
    edges = rig.pic.edges[4]
    rig.outb(IER, saved)
    assert rig.pic.edges[4] == edges + 1
    assert rig.inb(IIR) == 0xC2
    rig.outb(RBR, ord("v"))  # ...and the program's output goes on
    assert rig.irq
    assert rig.line.sent == b"ukernelv"


def test_out2_gates_the_interrupt(rig):
    rig.outb(RBR, 65)
    assert rig.irq
    rig.outb(MCR, 0x03)
    assert not rig.irq
    rig.outb(MCR, 0x0B)
    assert rig.irq


def test_reception_without_fifo():
    rig = Rig().setup(fcr=0)
    rig.line.receiver(b"ab")
    assert rig.irq
    assert rig.inb(IIR) == 0x04
    assert rig.inb(LSR) == 0x61
    assert rig.inb(RBR) == ord("a")
    assert not rig.irq
    assert rig.inb(LSR) == 0x60
    rig.advance(CHAR)
    assert rig.inb(RBR) == ord("b")
    assert rig.inb(RBR) == 0


@pytest.mark.parametrize(("fcr", "level"), [(0x01, 1), (0x41, 4), (0x81, 8), (0xC1, 14)])
def test_trigger_levels(fcr, level):
    rig = Rig().setup(fcr=fcr)
    for n in range(level - 1):
        rig.line.receiver(b"x")
        rig.advance(CHAR)
        assert not rig.irq, n
    rig.line.receiver(b"x")
    rig.advance(CHAR)
    assert rig.irq
    assert rig.inb(IIR) == 0xC4
    rig.inb(RBR)
    assert not rig.irq


def test_character_time_out():
    rig = Rig().setup(fcr=0xC1)
    rig.line.receiver(b"abc")
    rig.advance(4 * CHAR - 10)
    assert not rig.irq
    rig.advance(10)
    assert rig.irq
    assert rig.inb(IIR) == 0xCC
    assert rig.inb(RBR) == ord("a")
    assert not rig.irq
    rig.advance(4 * CHAR)
    assert rig.inb(IIR) == 0xCC
    assert rig.inb(RBR) == ord("b")
    assert rig.inb(RBR) == ord("c")
    rig.advance(100 * CHAR)
    assert not rig.irq


def test_bytes_come_at_line_speed_and_none_is_lost():
    rig = Rig().setup(fcr=0xC1, divisor=12)
    data = bytes(range(200))
    start = rig.clock
    rig.line.receiver(data)
    got = b""
    while len(got) < len(data):
        rig.advance(CHAR)
        burst = 0
        while rig.inb(LSR) & 1:
            got += bytes([rig.inb(RBR)])
            burst += 1
        assert burst <= 16
        assert not rig.inb(LSR) & 0x02
    assert got == data
    assert rig.clock - start >= 180 * 12 * CHAR


def test_backlog_overrun_is_told(rig):
    rig.line.receiver(b"x" * ((1 << 20) + 1))
    assert rig.inb(IIR) == 0xC6
    assert rig.inb(LSR) & 0x02
    assert not rig.inb(LSR) & 0x02


def test_priorities():
    rig = Rig().setup(fcr=0x01)
    rig.outb(MCR, 0x1B)
    rig.outb(LCR, 0x43)  # break in the loop-back: line status and a byte
    rig.outb(LCR, 0x03)
    rig.outb(RBR, 1)
    rig.outb(MCR, 0x1A)  # DTR falls: DDSR
    seen = []
    seen.append(rig.inb(IIR))
    assert rig.inb(LSR) & 0x10
    seen.append(rig.inb(IIR))
    rig.inb(RBR)
    rig.inb(RBR)
    seen += [rig.inb(IIR), rig.inb(IIR)]
    assert rig.inb(MSR) & 0x02
    seen.append(rig.inb(IIR))
    assert seen == [0xC6, 0xC4, 0xC2, 0xC0, 0xC1]


def test_loop_back_is_detected_as_linux_does(rig):
    rig.outb(MCR, 0x1A)
    assert rig.inb(MSR) & 0xF0 == 0x90
    rig.outb(RBR, 0x5A)
    assert rig.inb(RBR) == 0x5A
    assert rig.line.sent == b""
    assert not rig.irq  # the gate is open in loop-back
    rig.line.receiver(b"later")
    assert not rig.inb(LSR) & 1
    rig.outb(MCR, 0x0B)
    rig.advance(5 * CHAR)
    assert rig.inb(RBR) == ord("l")


def test_loop_back_overrun_without_fifo():
    rig = Rig().setup(fcr=0)
    rig.outb(MCR, 0x10)
    rig.outb(RBR, 1)
    rig.outb(RBR, 2)
    assert rig.inb(LSR) & 0x03 == 0x03
    assert rig.inb(RBR) == 2


def test_trailing_edge_of_ri():
    rig = Rig().setup()
    rig.outb(MCR, 0x14)
    rig.inb(MSR)
    rig.outb(MCR, 0x10)
    assert rig.inb(MSR) & 0x0F == 0x04


def test_cable_pulled_and_plugged(rig):
    assert rig.inb(MSR) == 0xB0
    rig.set.attach("serial/0", 0, None)
    assert rig.irq
    assert rig.inb(IIR) == 0xC0
    assert rig.inb(MSR) == 0x0B
    assert rig.line.receiver is None
    rig.outb(RBR, 65)
    assert rig.line.sent == b""
    line = Line()
    rig.set.attach("serial/0", 0, line)
    assert rig.inb(MSR) == 0xBB
    line.receiver(b"q")
    assert rig.inb(RBR) == ord("q")


def test_fifo_clear_and_mode_change(rig):
    rig.line.receiver(b"abc")
    rig.outb(IIR, 0x03)
    assert not rig.inb(LSR) & 1
    rig.advance(10 * CHAR)
    rig.line.receiver(b"abc")
    rig.outb(IIR, 0x00)
    assert not rig.inb(LSR) & 1
    assert rig.inb(IIR) & 0xC0 == 0


def test_types():
    old = Rig(uart_type="16450").setup()
    old.outb(IIR, 0x01)
    assert old.inb(IIR) == 0x01
    new = Rig(uart_type="16750")
    new.outb(LCR, 0x80)
    new.outb(IIR, 0x21)
    new.outb(LCR, 0x03)
    assert new.inb(IIR) == 0xE1
    new.outb(IIR, 0x01)  # locked while DLAB is clear
    assert new.inb(IIR) == 0xE1
    with pytest.raises(ConfigurationError, match="uart_type"):
        Rig(uart_type="8251")


def test_reset_keeps_what_waits_on_the_line(rig):
    rig.outb(MCR, 0x1B)
    rig.line.receiver(b"k")
    rig.set.reset(ResetKind.SOFT)
    assert rig.inb(MCR) == 0x1B
    rig.set.reset(ResetKind.HARD)
    assert rig.inb(MCR) == 0
    rig.advance(1)
    assert rig.inb(RBR) == ord("k")


def test_state_survives_a_round_trip():
    rig = Rig().setup(fcr=0xC1)
    rig.line.receiver(bytes(range(40)))
    rig.outb(SCR, 7)
    rig.inb(RBR)
    other = Rig()
    other.clock = rig.clock
    other.uart.state = msgspec.msgpack.decode(
        msgspec.msgpack.encode(rig.uart.state), type=type(other.uart.state)
    )
    other.uart.state_loaded(1)
    assert other.irq == rig.irq
    got = b""
    for _ in range(60):
        other.advance(CHAR)
        while other.inb(LSR) & 1:
            got += bytes([other.inb(RBR)])
    assert got == bytes(range(1, 40))


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.integers(0, 255), st.booleans()), max_size=80
    )
)  # fmt: skip
def test_any_sequence_is_taken(steps):
    rig = Rig()
    for offset, value, reading in steps:
        if offset == 8:
            rig.line.receiver(bytes([value]) * (value & 31))
        elif offset == 9:
            rig.advance(value * 1000)
        elif reading:
            assert 0 <= rig.inb(0x3F8 + offset) <= 255
        else:
            rig.outb(0x3F8 + offset, value)
        assert len(rig.uart.state.fifo) <= 64
    assert rig.uart.info()


# ---------------------------------------------------------------------- real lines


class RealLine(Line):
    """A line with settings and modem lines."""

    def __init__(self):
        super().__init__()
        self.settings, self.outputs, self.modem = [], [], None

    def set_settings(self, settings):
        self.settings.append(settings)

    def set_outputs(self, *, dtr, rts, sending_break):
        self.outputs.append((dtr, rts, sending_break))

    def set_modem_receiver(self, receiver):
        self.modem = receiver
        if receiver is not None:
            receiver(ModemInput(0))


@pytest.fixture
def real(rig):
    rig.real = RealLine()
    rig.set.attach("serial/0", 0, rig.real)
    return rig


def test_a_real_line_gets_settings_modem_lines_and_breaks(real):
    line = real.real
    assert line.settings == [LineSettings(115_200, 8, "none", 1)]
    assert line.outputs == [(True, True, False)]
    real.outb(LCR, 0x80 | 0x1E)
    real.outb(RBR, 12)
    real.outb(IER, 0)
    assert len(line.settings) == 1  # not before the divisor is whole
    real.outb(LCR, 0x1E)
    assert line.settings[1:] == [LineSettings(9600, 7, "even", 2)]
    real.outb(LCR, 0x1E | 0x40)
    real.outb(LCR, 0x1E)
    real.outb(MCR, 0x09)
    real.outb(MCR, 0x1B)
    assert line.outputs[-4:] == [
        (True, True, True), (True, True, False), (True, False, False), (False, False, False)
    ]  # fmt: skip
    assert len(line.settings) == 2


def test_the_modem_lines_of_a_real_line_reach_the_guest(real):
    assert real.inb(MSR) & 0xF0 == 0
    real.real.modem(ModemInput.CTS | ModemInput.RI)
    real.outb(IER, 0x08)
    assert real.irq
    assert real.inb(MSR) == 0x51
    assert not real.irq
    real.real.modem(ModemInput.CTS)
    assert real.inb(MSR) == 0x14
    stale = real.real.modem
    real.set.attach("serial/0", 0, Line())
    assert real.inb(MSR) & 0xF0 == 0xB0
    stale(ModemInput(0))
    assert real.inb(MSR) & 0xF0 == 0xB0


def test_an_unprogrammed_port_leaves_the_settings_of_its_line_alone():
    rig = Rig()
    line = RealLine()
    rig.set.attach("serial/0", 0, line)
    assert line.settings == []


def test_a_break_in_the_loop_back_is_an_error_in_the_fifo(rig):
    rig.outb(MCR, 0x1B)
    rig.outb(LCR, 0x43)
    assert rig.inb(LSR) == 0xF1
    assert rig.inb(LSR) == 0x61


def test_autoflow_is_a_bit_of_the_16750_only(rig):
    rig.outb(MCR, 0x2B)
    assert rig.inb(MCR) == 0x0B
    larger = Rig(uart_type="16750")
    larger.outb(MCR, 0x2B)
    assert larger.inb(MCR) == 0x2B
