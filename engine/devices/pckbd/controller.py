"""8042 keyboard controller of a PS/2: ports 60h and 64h.

References: IBM PS/2 Hardware Interface Technical Reference, "Keyboard and auxiliary device
controller"; Intel UPI-42AH data sheet for the host interface.

Deviations: the input-port polling commands C1h and C2h and the password are missing (A4h says
that none is installed). A byte of a device follows 0.5 ms after the last one was read, which is
about what the serial line takes and lets handlers that read port 60h twice see one byte twice.
"""

from __future__ import annotations

import msgspec

from engine.devices.pckbd.keyboard import Keyboard, KeyboardState
from engine.devices.pckbd.mouse import Mouse, MouseState
from engine.devices.pckbd.scancodes import BREAK_PREFIX, translate
from engine.pdm import (
    A20Gate,
    Device,
    DeviceConfig,
    DeviceState,
    IsaIrq,
    KeyboardPort,
    MachineControl,
    MousePort,
    Ports,
    ResetKind,
    info_item,
    register,
    timer,
)

STATUS_OBF = 0x01
STATUS_SYS = 0x04
STATUS_COMMAND = 0x08
STATUS_NOT_INHIBITED = 0x10
STATUS_AUX_OBF = 0x20

CONFIG_KBD_INT = 0x01
CONFIG_AUX_INT = 0x02
CONFIG_SYS = 0x04
CONFIG_DISABLE_KBD = 0x10
CONFIG_DISABLE_AUX = 0x20
CONFIG_TRANSLATE = 0x40

READ_RAM = range(0x20, 0x40)  # 20h is the configuration byte
WRITE_RAM = range(0x60, 0x80)
TEST_PASSWORD = 0xA4
DISABLE_AUX = 0xA7
ENABLE_AUX = 0xA8
TEST_AUX = 0xA9
SELF_TEST = 0xAA
TEST_KBD = 0xAB
DISABLE_KBD = 0xAD
ENABLE_KBD = 0xAE
READ_INPUT_PORT = 0xC0
READ_OUTPUT_PORT = 0xD0
WRITE_OUTPUT_PORT = 0xD1
WRITE_KBD_BUFFER = 0xD2
WRITE_AUX_BUFFER = 0xD3
WRITE_AUX = 0xD4
DISABLE_A20 = 0xDD
ENABLE_A20 = 0xDF
READ_TEST_INPUTS = 0xE0
PULSE_OUTPUT = range(0xF0, 0x100)

WITH_DATA = frozenset(
    {*WRITE_RAM, WRITE_OUTPUT_PORT, WRITE_KBD_BUFFER, WRITE_AUX_BUFFER, WRITE_AUX}
)

NO_PASSWORD = 0xF1
SELF_TEST_PASSED = 0x55
INTERFACE_GOOD = 0x00
INPUT_PORT = 0xB0  # not locked, colour display, no manufacturing jumper
TEST_INPUTS = 0x03  # both clock lines high
OUT_NOT_RESET = 0x01
OUT_A20 = 0x02
OUT_KBD_OBF = 0x10
OUT_AUX_OBF = 0x20
OUT_IDLE_LINES = 0xCC  # clock and data of both devices

FROM_AUX = 0x100  # marks a byte in `responses` as coming from the auxiliary device
BYTE_TIME = 500_000


class PcKbdState(DeviceState):
    """Controller, keyboard and mouse.

    Attributes:
        config: the configuration byte (RAM location 0).
        data: the output buffer; reading it again gives the same byte.
        pending: command whose data byte is awaited at port 60h, or 0.
        responses: bytes of the controller itself that wait for the output buffer.
        ready_at: virtual time (ns) before which no device byte fills the output buffer.
        after_break: the translator has swallowed F0h.
    """

    status: int = STATUS_NOT_INHIBITED
    config: int = CONFIG_TRANSLATE
    output_port: int = OUT_NOT_RESET
    ram: bytearray = msgspec.field(default_factory=lambda: bytearray(32))
    data: int = 0
    pending: int = 0
    responses: list[int] = msgspec.field(default_factory=list)
    ready_at: int = 0
    after_break: bool = False
    keyboard: KeyboardState = msgspec.field(default_factory=KeyboardState)
    mouse: MouseState = msgspec.field(default_factory=MouseState)


class PcKbdConfig(DeviceConfig, frozen=True):
    """Addresses and interrupts."""

    data_port: int = 0x60
    command_port: int = 0x64
    keyboard_irq: int = 1
    mouse_irq: int = 12


@register
class PcKbd(Device[PcKbdConfig, PcKbdState]):
    """Keyboard controller with keyboard and mouse."""

    NAME = "pckbd"
    DESCRIPTION = "PS/2 keyboard and mouse"
    PROVIDES = (KeyboardPort, MousePort)

    data = Ports("data_port", 1)
    command = Ports("command_port", 1)
    irq1 = IsaIrq("keyboard_irq")
    irq12 = IsaIrq("mouse_irq")

    def setup(self) -> None:
        """Make the two devices."""
        self.keyboard = Keyboard()
        self.mouse = Mouse()

    def reset(self, kind: ResetKind) -> None:
        """Reset controller and devices; INIT does not reach them."""
        if kind is ResetKind.SOFT:
            return
        super().reset(kind)
        self.state_loaded(self.STATE_VERSION)

    def state_loaded(self, version: int) -> None:
        """Hand the devices their states; drive lines, A20 and the timer."""
        self.keyboard.state = self.state.keyboard
        self.mouse.state = self.state.mouse
        self._drive_a20()
        self._update_irq()
        self.transfer.cancel()
        self._pump()

    # ------------------------------------------------------------------ KeyboardPort, MousePort

    def put_scancodes(self, codes: bytes) -> None:
        """Queue scan codes of set 1, make and break, with E0h/E1h prefixes."""
        self.keyboard.put(codes)
        self._pump()

    def room(self) -> int:
        """Return how many bytes of scan codes fit into the keyboard's queue."""
        return self.keyboard.room()

    def leds(self) -> int:
        """Return the lock LEDs: bit 0 scroll, 1 num, 2 caps."""
        return self.state.keyboard.leds

    def put_event(self, dx: int, dy: int, dz: int, dw: int, buttons: int) -> None:
        """Queue motion, wheels and buttons."""
        self.mouse.put(dx, -dy, dz, buttons, dw)
        self._pump()

    # ------------------------------------------------------------------ output buffer

    def _pump(self) -> None:
        """Fill the output buffer when it is empty and something waits."""
        state = self.state
        while not state.status & STATUS_OBF:
            if state.responses:
                response = state.responses.pop(0)
                self._fill(response & 0xFF, aux=bool(response & FROM_AUX))
                return
            keyboard = not state.config & CONFIG_DISABLE_KBD and self.keyboard.has_data()
            due: int | None = 0
            if not keyboard:
                due = None if state.config & CONFIG_DISABLE_AUX else self.mouse.due()
            if due is None:
                self.transfer.cancel()
                return
            now = self.now
            due = max(due, state.ready_at)
            if due > now:
                self.transfer.arm(due)
                return
            if keyboard:
                self._take_from_keyboard()
            else:
                self._fill(self.mouse.take(now), aux=True)

    def _take_from_keyboard(self) -> None:
        state = self.state
        byte = self.keyboard.take()
        if not state.config & CONFIG_TRANSLATE:
            state.after_break = False
            self._fill(byte, aux=False)
            return
        translated = translate(byte, after_break=state.after_break)
        state.after_break = byte == BREAK_PREFIX
        if translated is not None:
            self._fill(translated, aux=False)

    @timer
    def transfer(self) -> None:
        """A byte of a device may have arrived."""
        self._pump()

    def _fill(self, byte: int, *, aux: bool) -> None:
        state = self.state
        state.data = byte
        state.status = state.status & ~STATUS_AUX_OBF | STATUS_OBF
        if aux:
            state.status |= STATUS_AUX_OBF
        self._update_irq()

    def _update_irq(self) -> None:
        state = self.state
        full = state.status & (STATUS_OBF | STATUS_AUX_OBF)
        self.irq1.set(full == STATUS_OBF and bool(state.config & CONFIG_KBD_INT))
        self.irq12.set(
            full == STATUS_OBF | STATUS_AUX_OBF and bool(state.config & CONFIG_AUX_INT)
        )

    # ------------------------------------------------------------------ port 60h

    @data.reader
    def read_data(self, offset: int, size: int) -> int:
        """Take the byte out of the output buffer."""
        state = self.state
        value = state.data
        if state.status & STATUS_OBF:
            state.status &= ~(STATUS_OBF | STATUS_AUX_OBF)
            self._update_irq()
            state.ready_at = self.now + BYTE_TIME
            self._pump()
        return value

    @data.writer
    def write_data(self, offset: int, value: int, size: int) -> None:
        """Take the data byte of a controller command, or a byte for the keyboard."""
        state = self.state
        state.status &= ~STATUS_COMMAND
        command, state.pending = state.pending, 0
        if command == 0:
            state.config &= ~CONFIG_DISABLE_KBD  # sending enables the interface
            self.keyboard.write(value)
        elif command in WRITE_RAM:
            self._write_ram(command - WRITE_RAM.start, value)
        elif command == WRITE_OUTPUT_PORT:
            self._write_output_port(value)
        elif command == WRITE_KBD_BUFFER:
            state.responses.append(value)
        elif command == WRITE_AUX_BUFFER:
            state.responses.append(FROM_AUX | value)
        else:
            state.config &= ~CONFIG_DISABLE_AUX
            self.mouse.write(value)
        self._pump()

    def _write_ram(self, index: int, value: int) -> None:
        state = self.state
        if index:
            state.ram[index] = value
            return
        state.config = value
        state.status &= ~STATUS_SYS
        if value & CONFIG_SYS:
            state.status |= STATUS_SYS
        self._update_irq()

    # ------------------------------------------------------------------ port 64h

    @command.reader
    def read_status(self, offset: int, size: int) -> int:
        """Return the status register."""
        return self.state.status

    @command.writer
    def write_command(self, offset: int, value: int, size: int) -> None:
        """Take a controller command."""
        state = self.state
        state.status |= STATUS_COMMAND
        state.pending = value if value in WITH_DATA else 0
        if not state.pending:
            self._command(value)
            self._pump()

    def _command(self, command: int) -> None:
        state = self.state
        respond = state.responses.append
        if command in READ_RAM:
            index = command - READ_RAM.start
            respond(state.ram[index] if index else state.config)
        elif command == TEST_PASSWORD:
            respond(NO_PASSWORD)
        elif command in {DISABLE_AUX, ENABLE_AUX}:
            self._set_config(CONFIG_DISABLE_AUX, command == DISABLE_AUX)
        elif command in {DISABLE_KBD, ENABLE_KBD}:
            self._set_config(CONFIG_DISABLE_KBD, command == DISABLE_KBD)
        elif command in {TEST_AUX, TEST_KBD}:
            respond(INTERFACE_GOOD)
        elif command == SELF_TEST:
            state.status |= STATUS_SYS
            state.config |= CONFIG_SYS
            respond(SELF_TEST_PASSED)
        elif command == READ_INPUT_PORT:
            respond(INPUT_PORT)
        elif command == READ_OUTPUT_PORT:
            respond(self._read_output_port())
        elif command in {DISABLE_A20, ENABLE_A20}:
            self._set_a20(command == ENABLE_A20)
        elif command == READ_TEST_INPUTS:
            respond(TEST_INPUTS)
        elif command in PULSE_OUTPUT:
            if not command & OUT_NOT_RESET:
                self._reset_cpu()
        else:
            self.guest_error(f"unknown keyboard controller command {command:#04x}")

    def _set_config(self, bit: int, on: bool) -> None:
        self.state.config = self.state.config & ~bit | (bit if on else 0)

    # ------------------------------------------------------------------ output port

    def _read_output_port(self) -> int:
        state = self.state
        value = state.output_port | OUT_IDLE_LINES
        if state.status & STATUS_OBF:
            value |= OUT_AUX_OBF if state.status & STATUS_AUX_OBF else OUT_KBD_OBF
        return value

    def _write_output_port(self, value: int) -> None:
        self._set_a20(bool(value & OUT_A20))
        if not value & OUT_NOT_RESET:
            self._reset_cpu()

    def _set_a20(self, enabled: bool) -> None:
        self.state.output_port = OUT_NOT_RESET | (OUT_A20 if enabled else 0)
        self._drive_a20()

    def _drive_a20(self) -> None:
        enabled = bool(self.state.output_port & OUT_A20)
        self.require(A20Gate).set_a20("keyboard controller", enabled)

    def _reset_cpu(self) -> None:
        self.require(MachineControl).request_reset(ResetKind.SOFT, "keyboard controller")

    # ------------------------------------------------------------------ debugger

    @info_item("ps2c", "Keyboard controller.")
    def info(self) -> str:
        """Return the registers of the controller."""
        state = self.state
        return (
            f"status={state.status:02x} configuration={state.config:02x} "
            f"output port={state.output_port:02x} data={state.data:02x} "
            f"pending command={state.pending:02x} waiting answers={len(state.responses)}"
        )

    @info_item("ps2k", "PS/2 keyboard.")
    def info_keyboard(self) -> str:
        """Return the state of the keyboard."""
        state = self.keyboard.state
        return (
            f"scanning: {'on' if state.enabled else 'off'}, set {state.scan_set}, LEDs "
            f"{state.leds:03b}, typematic {state.typematic:02x}\n"
            f"queue ({len(state.queue)}): {bytes(state.queue).hex(' ')}"
        )

    @info_item("ps2m", "PS/2 mouse.")
    def info_mouse(self) -> str:
        """Return the state of the mouse."""
        state = self.mouse.state
        return (
            f"identity {state.device_id}, {'enabled' if state.enabled else 'disabled'}, "
            f"{'remote' if state.remote else 'stream'} mode, {state.sample_rate} samples a second, "
            f"resolution {state.resolution}\nbuttons {state.buttons:05b}, "
            f"{len(state.events)} events and {len(state.output)} bytes wait"
        )
