"""Keyboard on the USB.

References: HID 1.11, appendices B.1 and E.6; HID Usage Tables 1.12, 10 (keyboard page); Microsoft,
"Keyboard scan code specification", rev. 1.3a, for the scan codes of the usages.
"""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from engine.vusb.hid import BOOT_SUBCLASS, KEYBOARD_PROTOCOL, HidDevice, HidState

REPORT_LIMIT: Final = 128
"""Reports that may wait for the guest."""

MOST_KEYS: Final = 6
ROLL_OVER: Final = 0x01
FIRST_MODIFIER, LAST_MODIFIER = 0xE0, 0xE7
BREAK: Final = 0x80
EXTENDED_PREFIX, PAUSE_PREFIX = 0xE0, 0xE1
PAUSE: Final = 0x48

# Usages of the scan codes of set 1 from 00h on.
_PLAIN: Final = bytes.fromhex(
    "00 29 1e 1f 20 21 22 23 24 25 26 27 2d 2e 2a 2b"  # Esc 1..0 - = Backspace Tab
    "14 1a 08 15 17 1c 18 0c 12 13 2f 30 28 e0 04 16"  # Q..P [ ] Enter Ctrl A S
    "07 09 0a 0b 0d 0e 0f 33 34 35 e1 31 1d 1b 06 19"  # D..L ; ' ` Shift \ Z X C V
    "05 11 10 36 37 38 e5 55 e2 2c 39 3a 3b 3c 3d 3e"  # B N M , . / Shift * Alt Space Caps F1..F5
    "3f 40 41 42 43 53 47 5f 60 61 56 5c 5d 5e 57 59"  # F6..F10 Num Scroll 7 8 9 - 4 5 6 + 1
    "5a 5b 62 63 46 00 64 44 45 67 00 00 8c 00 00 00"  # 2 3 0 . SysRq, 102nd key F11 F12 =
    "00 00 00 00 68 69 6a 6b 6c 6d 6e 6f 70 71 72 00"  # F13..F23
    "88 91 90 87 00 00 73 93 92 8a 00 8b 00 89 85 00"  # Japanese and Brazilian keys, F24
)
# The same after E0h; E0 2A and E0 36 are shifts that a PC keyboard only pretends.
_EXTENDED: Final = {
    0x1C: 0x58, 0x1D: 0xE4, 0x35: 0x54, 0x37: 0x46, 0x38: 0xE6, 0x46: PAUSE, 0x47: 0x4A,
    0x48: 0x52, 0x49: 0x4B, 0x4B: 0x50, 0x4D: 0x4F, 0x4F: 0x4D, 0x50: 0x51, 0x51: 0x4E,
    0x52: 0x49, 0x53: 0x4C, 0x5B: 0xE3, 0x5C: 0xE7, 0x5D: 0x65, 0x5E: 0x66,
}  # fmt: skip

# LEDs of the output report (HID Usage Tables, 11) and those of KeyboardPort.
LED_NUM, LED_CAPS, LED_SCROLL = 1, 2, 4


Usage = Annotated[int, msgspec.Meta(ge=0, le=255)]


class KeyboardState(HidState, kw_only=True, tag="keyboard"):
    """State of the keyboard.

    Attributes:
        down: usages of the keys that are down, in the order in which they went down.
        reports: what has not been sent.
        last: the report made last.
        prefix: bytes of a scan code that is not complete.
        lamps: LEDs as the guest has set them.
    """

    down: list[Usage] = msgspec.field(default_factory=list)
    reports: list[bytes] = msgspec.field(default_factory=list)
    last: bytes = bytes(8)
    prefix: bytes = b""
    lamps: int = 0


class UsbKeyboard(HidDevice[KeyboardState]):
    """A keyboard that works with the boot protocol; its only report is that of the protocol."""

    PRODUCT_ID = 0x0010
    PRODUCT = "USB Keyboard"
    BOOT = (BOOT_SUBCLASS, KEYBOARD_PROTOCOL)
    REPORT_SIZE = 8
    # Eight modifiers of a bit each, a constant byte, five LEDs and three bits, six keys.
    REPORT = bytes.fromhex(
        "0501 0906 a101"
        "0507 19e0 29e7 1500 2501 7501 9508 8102 9501 7508 8101"
        "9505 7501 0508 1901 2905 9102 9501 7503 9101"
        "9506 7508 1500 26ff00 0507 1900 2aff00 8100 c0"
    )

    def was_reset(self) -> None:
        """Keys that are down are told when the next one changes."""
        super().was_reset()
        state = self.state
        state.reports.clear()
        state.last = bytes(8)
        state.lamps = 0

    # -- KeyboardPort

    def put_scancodes(self, codes: bytes) -> None:
        """Take scan codes of set 1, make and break, with their prefixes."""
        for code in codes:
            self._put(code)
        if self.state.reports:
            self.ready()

    def room(self) -> int:
        """Return how many bytes of scan codes can be taken."""
        return REPORT_LIMIT - len(self.state.reports)

    def leds(self) -> int:
        """Return the lock LEDs: bit 0 scroll, 1 num, 2 caps."""
        lamps = self.state.lamps
        scroll, num, caps = lamps & LED_SCROLL, lamps & LED_NUM, lamps & LED_CAPS
        return bool(scroll) | bool(num) << 1 | bool(caps) << 2

    # -- reports

    def _put(self, code: int) -> None:
        state = self.state
        if code in (EXTENDED_PREFIX, PAUSE_PREFIX):
            state.prefix = bytes([code])
        elif state.prefix[:1] == bytes([PAUSE_PREFIX]):
            # Pause is E1 1D 45 when it goes down and E1 9D C5 when it goes up.
            state.prefix += bytes([code])
            if len(state.prefix) > 2:
                state.prefix = b""
                self._key(PAUSE, down=not code & BREAK)
        else:
            plain = code & ~BREAK
            usage = _EXTENDED.get(plain, 0) if state.prefix else _PLAIN[plain]
            state.prefix = b""
            if usage:
                self._key(usage, down=not code & BREAK)

    def _key(self, usage: int, *, down: bool) -> None:
        state = self.state
        if down and usage not in state.down:
            state.down.append(usage)
        elif not down and usage in state.down:
            state.down.remove(usage)
        report = self._report()
        if not state.configuration or report == state.last:
            return
        state.last = report
        if len(state.reports) >= REPORT_LIMIT:
            # The guest does not read: at least it learns what is down in the end.
            state.reports.pop()
        state.reports.append(report)

    def _report(self) -> bytes:
        modifiers, keys = 0, []
        for usage in self.state.down:
            if FIRST_MODIFIER <= usage <= LAST_MODIFIER:
                modifiers |= 1 << usage - FIRST_MODIFIER
            else:
                keys.append(usage)
        if len(keys) > MOST_KEYS:
            keys = [ROLL_OVER] * MOST_KEYS
        return bytes([modifiers, 0, *keys]).ljust(8, b"\0")

    def has_report(self) -> bool:
        """Tell whether a key has changed."""
        return bool(self.state.reports)

    def next_report(self) -> bytes:
        """Return the next report, or the one that holds now."""
        state = self.state
        return state.reports.pop(0) if state.reports else state.last

    def output_report(self, data: bytes) -> None:
        """Take the LEDs."""
        if data:
            self.state.lamps = data[0]
