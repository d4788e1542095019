"""The PS/2 keyboard behind port 1 of the controller.

Reference: IBM PS/2 Hardware Interface Technical Reference, "101/102-key keyboard", commands from
the system. Typematic repetition is left to the host, which repeats the make codes that it sends.
"""

from __future__ import annotations

import msgspec

from engine.devices.pckbd.scancodes import (
    BREAK_PREFIX,
    EXTENDED,
    PAUSE_PREFIX,
    PAUSE_SET3,
    SET3_DEFAULT_BREAKS,
    set3_code,
    to_set2,
)

SET_LEDS = 0xED
ECHO = 0xEE
SELECT_SCAN_CODE_SET = 0xF0
READ_ID = 0xF2
SET_TYPEMATIC = 0xF3
ENABLE = 0xF4
DEFAULT_DISABLE = 0xF5
SET_DEFAULT = 0xF6
SET_ALL_TYPEMATIC = 0xF7
SET_ALL_MAKE_BREAK = 0xF8
SET_ALL_MAKE = 0xF9
SET_ALL_TYPEMATIC_MAKE_BREAK = 0xFA
SET_KEY_TYPEMATIC = 0xFB
SET_KEY_MAKE_BREAK = 0xFC
SET_KEY_MAKE = 0xFD
RESEND = 0xFE
RESET = 0xFF

ACK = 0xFA
SELF_TEST_PASSED = 0xAA
IDENTITY = b"\xab\x83"
OVERRUN = {1: 0xFF, 2: 0x00, 3: 0x00}

TYPEMATIC_DEFAULT = 0x2B  # 10.9 per second after 500 ms
# Bytes that may wait. Make codes leave room for break codes, so that no key stays down for ever.
QUEUE_SIZE = 256
MAKE_LIMIT = 160

ALL_KEYS = {
    SET_ALL_TYPEMATIC: False,
    SET_ALL_MAKE_BREAK: True,
    SET_ALL_MAKE: False,
    SET_ALL_TYPEMATIC_MAKE_BREAK: True,
}
WITH_ARGUMENT = frozenset(
    {
        SET_LEDS,
        SELECT_SCAN_CODE_SET,
        SET_TYPEMATIC,
        SET_KEY_TYPEMATIC,
        SET_KEY_MAKE_BREAK,
        SET_KEY_MAKE,
    }
)


def _default_breaks() -> bytearray:
    breaks = bytearray(256)
    for code in SET3_DEFAULT_BREAKS:
        breaks[code] = 1
    return breaks


class KeyboardState(msgspec.Struct, kw_only=True):
    """State of the keyboard.

    Attributes:
        responses: answers to commands; they go out before scan codes.
        queue: scan codes that wait.
        pending: command that waits for its argument, or 0.
        prefix: bytes of an unfinished sequence from the host side.
        set3_breaks: by set 3 code, 1 for keys that send break codes in that set.
        last: the byte sent last, for RESEND.
        overrun: the queue has overflowed and says so at its end.
    """

    enabled: bool = True
    scan_set: int = 2
    leds: int = 0
    typematic: int = TYPEMATIC_DEFAULT
    pending: int = 0
    responses: list[int] = msgspec.field(default_factory=list)
    queue: list[int] = msgspec.field(default_factory=list)
    prefix: list[int] = msgspec.field(default_factory=list)
    set3_breaks: bytearray = msgspec.field(default_factory=_default_breaks)
    last: int = 0
    overrun: bool = False


class Keyboard:
    """Behaviour of the keyboard on a :class:`KeyboardState`, which a reset replaces."""

    def __init__(self) -> None:
        self.state = KeyboardState()

    def has_data(self) -> bool:
        """Tell whether a byte waits for the controller."""
        state = self.state
        return bool(state.responses or (state.queue and not state.pending))

    def take(self) -> int:
        """Return the next byte; only when :meth:`has_data`."""
        state = self.state
        if state.responses:
            byte = state.responses.pop(0)
        else:
            byte = state.queue.pop(0)
            state.overrun = state.overrun and bool(state.queue)
        if byte != RESEND:
            state.last = byte
        return byte

    # ------------------------------------------------------------------ from the host side

    def room(self) -> int:
        """Return how many bytes of set 1 can be put; one becomes at most two in another set."""
        return max(0, MAKE_LIMIT - len(self.state.queue)) // 2

    def put(self, codes: bytes) -> None:
        """Queue scan codes of set 1; a sequence may come in pieces."""
        for code in codes:
            prefix = self.state.prefix
            if code in {EXTENDED, PAUSE_PREFIX}:
                prefix[:] = [code]
            elif prefix[:1] == [PAUSE_PREFIX] and len(prefix) == 1:
                prefix.append(code)
            elif prefix[:1] == [PAUSE_PREFIX]:
                first = prefix[1]
                prefix.clear()
                self._pause(first, code)
            else:
                head = prefix[0] if prefix else 0
                prefix.clear()
                self._key(code, head)

    def _key(self, code: int, prefix: int) -> None:
        state = self.state
        is_break = code >= 0x80
        if state.scan_set == 1:
            self._queue(bytes((prefix, code)) if prefix else bytes((code,)), is_break)
        elif state.scan_set == 2:
            self._queue(to_set2(code, prefix), is_break)
        else:
            key = set3_code(code, prefix)
            if key is not None:
                self._queue_set3(key, is_break)

    def _pause(self, first: int, second: int) -> None:
        """Pause: E1 1D 45 down, E1 9D C5 up (both at once on a real keyboard)."""
        state = self.state
        is_break = second >= 0x80
        if state.scan_set == 1:
            self._queue(bytes((PAUSE_PREFIX, first, second)), is_break)
        elif state.scan_set == 2:
            codes = to_set2(first, 0) + to_set2(second, 0)
            self._queue(bytes((PAUSE_PREFIX,)) + codes, is_break)
        else:
            self._queue_set3(PAUSE_SET3, is_break)

    def _queue_set3(self, key: int, is_break: bool) -> None:
        if not is_break:
            self._queue(bytes((key,)), False)
        elif self.state.set3_breaks[key]:
            self._queue(bytes((BREAK_PREFIX, key)), True)

    def _queue(self, codes: bytes, is_break: bool) -> None:
        state = self.state
        if not state.enabled:
            return
        if len(state.queue) + len(codes) <= (QUEUE_SIZE if is_break else MAKE_LIMIT):
            state.queue += codes
        elif not state.overrun:
            state.queue.append(OVERRUN[state.scan_set])
            state.overrun = True

    # ------------------------------------------------------------------ from the controller

    def write(self, value: int) -> None:
        """Take a command or an argument."""
        state = self.state
        pending, state.pending = state.pending, 0
        if pending and value < SET_LEDS:
            self._argument(pending, value)
        else:  # a command in place of an argument ends the command before
            self._command(value)

    def _command(self, command: int) -> None:
        state = self.state
        respond = state.responses.append
        if command == ECHO:
            respond(ECHO)
        elif command == RESEND:
            respond(state.last)
        elif command in WITH_ARGUMENT:
            state.pending = command
            respond(ACK)
        elif command == READ_ID:
            respond(ACK)
            state.responses += IDENTITY
        elif command == ENABLE:
            state.queue.clear()
            state.enabled = True
            respond(ACK)
        elif command in {DEFAULT_DISABLE, SET_DEFAULT}:
            self._defaults()
            state.enabled = command == SET_DEFAULT
            respond(ACK)
        elif command in ALL_KEYS:
            state.set3_breaks[:] = bytes((ALL_KEYS[command],)) * 256
            respond(ACK)
        elif command == RESET:
            self.state.responses.clear()
            self._defaults()
            state.enabled = True
            state.leds = 0
            state.responses += (ACK, SELF_TEST_PASSED)
        else:
            respond(RESEND)

    def _defaults(self) -> None:
        state = self.state
        state.queue.clear()
        state.overrun = False
        state.scan_set = 2
        state.typematic = TYPEMATIC_DEFAULT
        state.set3_breaks = _default_breaks()

    def _argument(self, command: int, value: int) -> None:
        state = self.state
        if command == SET_LEDS:
            state.leds = value & 7
        elif command == SET_TYPEMATIC:
            state.typematic = value & 0x7F
        elif command == SELECT_SCAN_CODE_SET:
            if value > 3:
                state.responses.append(RESEND)
                state.pending = command
                return
            state.responses.append(ACK)
            if value == 0:
                state.responses.append(state.scan_set)
            else:
                state.scan_set = value
                state.queue.clear()
            return
        else:  # the keys of FBh..FDh follow until the next command
            state.set3_breaks[value] = command == SET_KEY_MAKE_BREAK
            state.pending = command
        state.responses.append(ACK)
