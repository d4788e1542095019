"""The PS/2 mouse behind the auxiliary port: standard, IntelliMouse and IntelliMouse Explorer.

References: IBM PS/2 Hardware Interface Technical Reference, "Mouse"; Microsoft IntelliMouse PS/2
protocol as described in the Windows hardware documentation ("PS/2 mouse compatibility"); the
horizontal wheel as the IntelliMouse Explorer 4.0 reports it, known from the drivers for it (Linux,
drivers/input/mouse/psmouse-base.c).

Deviations: the resolution is kept and reported but does not scale the host's motion; sample rates
other than the documented ones are taken.
"""

from __future__ import annotations

import msgspec

SET_SCALING_1_1 = 0xE6
SET_SCALING_2_1 = 0xE7
SET_RESOLUTION = 0xE8
STATUS_REQUEST = 0xE9
SET_STREAM_MODE = 0xEA
READ_DATA = 0xEB
RESET_WRAP_MODE = 0xEC
SET_WRAP_MODE = 0xEE
SET_REMOTE_MODE = 0xF0
READ_ID = 0xF2
SET_SAMPLE_RATE = 0xF3
ENABLE = 0xF4
DISABLE = 0xF5
SET_DEFAULT = 0xF6
RESEND = 0xFE
RESET = 0xFF

ACK = 0xFA
SELF_TEST_PASSED = 0xAA

ID_STANDARD = 0
ID_WHEEL = 3
ID_EXPLORER = 4
KNOCKS = {(200, 100, 80): ID_WHEEL, (200, 200, 80): ID_EXPLORER}

STATUS_REMOTE = 0x40
STATUS_ENABLED = 0x20
STATUS_SCALING = 0x10
BUTTONS_STANDARD = 0x07
BUTTONS_EXTRA = 0x18
# After the knock of the Explorer: the mouse reports its horizontal wheel, too.
KNOCK_HORIZONTAL = (200, 80, 40)
FOURTH_BYTE_HORIZONTAL = 0x40

MOTION_LIMIT = 255
WHEEL_LOW, WHEEL_HIGH = -8, 7
HORIZONTAL_LOW, HORIZONTAL_HIGH = -31, 31
# Changes of buttons that may wait; motion between them is added up.
EVENT_LIMIT = 64
SECOND = 1_000_000_000
DEFAULT_RATE = 100
DEFAULT_RESOLUTION = 2  # 4 counts per millimetre

SCALING_2_1 = {0: 0, 1: 1, 2: 1, 3: 3, 4: 6, 5: 9}


class Motion(msgspec.Struct):
    """Motion that has not been reported yet, with the buttons that were down."""

    dx: int = 0
    dy: int = 0  # positive up, as in the packet
    dz: int = 0
    buttons: int = 0
    dw: int = 0  # positive right


class MouseState(msgspec.Struct, kw_only=True):
    """State of the mouse.

    Attributes:
        horizontal: the horizontal wheel is reported.
        events: what has not been reported; only a change of buttons starts a new entry.
        buttons: buttons that are down now.
        reported: buttons in the packet sent last.
        output: bytes on their way to the controller.
        packet: the answer or packet sent last, for RESEND.
        next_sample: virtual time (ns) before which no packet is made.
        rates: the last three sample rates, for the knock sequences.
        pending: command that waits for its argument, or 0.
    """

    device_id: int = ID_STANDARD
    horizontal: bool = False
    enabled: bool = False
    remote: bool = False
    wrap: bool = False
    scaling_2_1: bool = False
    resolution: int = DEFAULT_RESOLUTION
    sample_rate: int = DEFAULT_RATE
    pending: int = 0
    events: list[Motion] = msgspec.field(default_factory=list)
    buttons: int = 0
    reported: int = 0
    output: list[int] = msgspec.field(default_factory=list)
    packet: list[int] = msgspec.field(default_factory=list)
    next_sample: int = 0
    rates: list[int] = msgspec.field(default_factory=list)


def _clamp(value: int, low: int, high: int) -> int:
    return min(max(value, low), high)


def _scaled(value: int) -> int:
    """Scale motion 2:1 (technical reference, "Set scaling 2:1")."""
    size = abs(value)
    result = SCALING_2_1.get(size, 2 * size)
    return _clamp(result if value > 0 else -result, -MOTION_LIMIT, MOTION_LIMIT)


class Mouse:
    """Behaviour of the mouse on a :class:`MouseState`, which a reset replaces."""

    def __init__(self) -> None:
        self.state = MouseState()

    def due(self) -> int | None:
        """Return the virtual time (ns) from which a byte is there to be taken, or None."""
        state = self.state
        if state.output:
            return 0
        if state.events and state.enabled and not (state.remote or state.wrap or state.pending):
            return state.next_sample
        return None

    def take(self, now: int) -> int:
        """Return the next byte; only when :meth:`due` has come."""
        state = self.state
        if not state.output:
            self._send(self._packet(scale=state.scaling_2_1))
            state.next_sample = now + SECOND // (state.sample_rate or DEFAULT_RATE)
        return state.output.pop(0)

    # ------------------------------------------------------------------ from the host side

    def put(self, dx: int, dy: int, dz: int, buttons: int, dw: int = 0) -> None:
        """Add motion (right, up, wheels towards the user and right) and take the buttons."""
        state = self.state
        state.buttons = buttons & (BUTTONS_STANDARD | BUTTONS_EXTRA)
        if not (state.enabled or state.remote):
            return
        if state.device_id == ID_STANDARD:
            dz = 0
        if not state.horizontal:
            dw = 0
        events = state.events
        before = events[-1].buttons if events else state.reported
        if state.buttons == before and not (dx or dy or dz or dw):
            return
        if not events or (state.buttons != before and len(events) < EVENT_LIMIT):
            events.append(Motion())
        last = events[-1]
        last.buttons = state.buttons
        last.dx += dx
        last.dy += dy
        last.dz += dz
        last.dw += dw

    def _packet(self, *, scale: bool) -> list[int]:
        """Make a packet of the oldest event; what does not fit stays for the next one."""
        state = self.state
        event = state.events[0] if state.events else Motion(buttons=state.buttons)
        dx = _clamp(event.dx, -MOTION_LIMIT, MOTION_LIMIT)
        dy = _clamp(event.dy, -MOTION_LIMIT, MOTION_LIMIT)
        # The byte of the horizontal wheel has no room for the other wheel and the extra buttons.
        dw = _clamp(event.dw, HORIZONTAL_LOW, HORIZONTAL_HIGH)
        dz = 0 if dw else _clamp(event.dz, WHEEL_LOW, WHEEL_HIGH)
        told = BUTTONS_STANDARD if dw else BUTTONS_STANDARD | BUTTONS_EXTRA
        state.reported = event.buttons & told | state.reported & ~told
        event.dx -= dx
        event.dy -= dy
        event.dz -= dz
        event.dw -= dw
        rest = event.dx or event.dy or event.dz or event.dw or event.buttons != state.reported
        if state.events and not rest:
            state.events.pop(0)
        if scale:
            dx, dy = _scaled(dx), _scaled(dy)
        first = 0x08 | event.buttons & BUTTONS_STANDARD | (dx < 0) << 4 | (dy < 0) << 5
        packet = [first, dx & 0xFF, dy & 0xFF]
        if state.device_id == ID_WHEEL:
            packet.append(dz & 0xFF)
        elif dw:
            packet.append(FOURTH_BYTE_HORIZONTAL | -dw & 0x3F)
        elif state.device_id == ID_EXPLORER:
            packet.append(dz & 0x0F | (event.buttons & BUTTONS_EXTRA) << 1)
        return packet

    def _send(self, data: list[int]) -> None:
        self.state.output += data
        self.state.packet = list(data)

    # ------------------------------------------------------------------ from the controller

    def write(self, value: int) -> None:
        """Take a command or an argument."""
        state = self.state
        if state.wrap and value not in {RESET, RESET_WRAP_MODE}:
            self._send([value])
            return
        state.output.clear()  # a command ends the packet on its way
        pending, state.pending = state.pending, 0
        if pending == SET_SAMPLE_RATE:
            self._set_rate(value)
        elif pending == SET_RESOLUTION:
            state.resolution = value & 3
            self._send([ACK])
        else:
            self._command(value)

    def _set_rate(self, rate: int) -> None:
        state = self.state
        state.sample_rate = rate
        state.rates = [*state.rates, rate][-3:]
        if len(state.rates) == 3:
            first, second, third = state.rates
            state.device_id = KNOCKS.get((first, second, third), state.device_id)
            if state.device_id == ID_EXPLORER and (first, second, third) == KNOCK_HORIZONTAL:
                state.horizontal = True
        self._send([ACK])

    def _command(self, command: int) -> None:
        state = self.state
        answer = [ACK]
        if command in {SET_SCALING_1_1, SET_SCALING_2_1}:
            state.scaling_2_1 = command == SET_SCALING_2_1
        elif command in {SET_RESOLUTION, SET_SAMPLE_RATE}:
            state.pending = command
        elif command == STATUS_REQUEST:
            answer += self._status()
        elif command in {SET_STREAM_MODE, SET_REMOTE_MODE}:
            state.remote = command == SET_REMOTE_MODE
            state.events.clear()
        elif command == READ_DATA:
            answer += self._packet(scale=False)
        elif command in {SET_WRAP_MODE, RESET_WRAP_MODE}:
            state.wrap = command == SET_WRAP_MODE
        elif command == READ_ID:
            answer.append(state.device_id)
        elif command in {ENABLE, DISABLE}:
            state.enabled = command == ENABLE
            state.events.clear()
        elif command == SET_DEFAULT:
            self._defaults()
        elif command == RESEND:
            answer = list(state.packet)
        elif command == RESET:
            self._defaults()
            state.device_id = ID_STANDARD
            state.horizontal = False
            state.rates.clear()
            answer += [SELF_TEST_PASSED, ID_STANDARD]
        else:
            answer = [RESEND]
        self._send(answer)

    def _status(self) -> list[int]:
        state = self.state
        buttons = state.buttons
        flags = (
            (STATUS_REMOTE if state.remote else 0)
            | (STATUS_ENABLED if state.enabled else 0)
            | (STATUS_SCALING if state.scaling_2_1 else 0)
            | (buttons & 1) << 2  # left
            | (buttons >> 2 & 1) << 1  # middle
            | (buttons >> 1 & 1)  # right
        )
        return [flags, state.resolution, state.sample_rate]

    def _defaults(self) -> None:
        state = self.state
        state.sample_rate = DEFAULT_RATE
        state.resolution = DEFAULT_RESOLUTION
        state.scaling_2_1 = state.remote = state.wrap = state.enabled = False
        state.events.clear()
        state.next_sample = 0
