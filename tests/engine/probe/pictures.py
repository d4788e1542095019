"""What a VGA shows, computed from the contents of video memory by the books alone.

IBM PS/2 Video Subsystem Technical Reference for the modes of the BIOS; VESA VBE Core Functions 3.0
for the layouts of pixels; M. Abrash, Graphics Programming Black Book, chapter 31, for mode X. None
of the product's code has a part in it. Pictures are (height, width) arrays of 0x00RRGGBB with a
pixel for each dot and line on the monitor: low resolutions are doubled.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tests.engine.probe.guest import BUFFER, Probe

Picture = NDArray[np.uint32]

# Registers of the attribute controller's palette, by BIOS mode.
_DEFAULT = bytes.fromhex("000102030405140738393a3b3c3d3e3f")
_LOW = bytes.fromhex("00010203040506071011121314151617")
_CGA = bytes.fromhex("0013151702040607") + bytes.fromhex("1011121314151617")
_CGA_MONO = bytes.fromhex("00" + "17" * 15)
_MONO_TEXT = bytes.fromhex("0008080808080808" + "1018181818181818")
_MONO_350 = bytes.fromhex("0008000018180000" + "0008000000180000")
_MONO_480 = bytes.fromhex("003f" * 8)

# Mode control without blinking, overscan, colour planes, panning, colour select.
_ATTRIBUTES = {
    "mono text": bytes.fromhex("06000f0800"),
    "planar mono": bytes.fromhex("0300050000"),
}
_UNDERLINE = 0x0F  # row of a character that mode 7 underlines


@dataclass(frozen=True)
class Mode:
    """A video mode and how its memory is laid out.

    Attributes:
        number: of the BIOS or VBE. kind: which function below draws it.
        size: picture elements right and down, or characters and rows.
        zoom: dots and lines for each.
        palette: of the attribute controller.
        bits: per pixel of packed VBE modes.
        pokes: writes of indexed registers (port, index, value) after the BIOS has set the mode.
        misc: miscellaneous output register after that.
    """

    number: int
    kind: str
    size: tuple[int, int]
    zoom: tuple[int, int] = (1, 1)
    palette: bytes = _DEFAULT
    bits: int = 0
    pokes: list[tuple[int, int, int]] = field(default_factory=list)
    misc: int | None = None


def _crtc(text: str) -> list[tuple[int, int, int]]:
    """Register writes from ``index=value`` pairs, the protection of 0 to 7 lifted first."""
    pairs = [part.split("=") for part in text.split()]
    return [(0x3D4, int(index, 16), int(value, 16)) for index, value in pairs]


_UNCHAINED = [(0x3C4, 4, 0x06)]
_LINES_240 = "11=2c 06=0d 07=3e 10=ea 12=df 15=e7 16=06 "

MODES = {
    "00h": Mode(0x00, "text", (40, 25), (2, 1)),
    "01h": Mode(0x01, "text", (40, 25), (2, 1)),
    "02h": Mode(0x02, "text", (80, 25)),
    "03h": Mode(0x03, "text", (80, 25)),
    "04h": Mode(0x04, "cga4", (320, 200), (2, 2), _CGA),
    "05h": Mode(0x05, "cga4", (320, 200), (2, 2), _CGA),
    "06h": Mode(0x06, "cga2", (640, 200), (1, 2), _CGA_MONO),
    "07h": Mode(0x07, "mono text", (80, 25), (1, 1), _MONO_TEXT),
    "0Dh": Mode(0x0D, "planar", (320, 200), (2, 2), _LOW),
    "0Eh": Mode(0x0E, "planar", (640, 200), (1, 2), _LOW),
    "0Fh": Mode(0x0F, "planar mono", (640, 350), (1, 1), _MONO_350),
    "10h": Mode(0x10, "planar", (640, 350)),
    "11h": Mode(0x11, "planar", (640, 480), (1, 1), _MONO_480),
    "12h": Mode(0x12, "planar", (640, 480)),
    "13h": Mode(0x13, "linear", (320, 200), (2, 2)),
    "X 320x200": Mode(0x13, "unchained", (320, 200), (2, 2),
                      pokes=[*_UNCHAINED, *_crtc("14=00 17=e3")]),
    "X 320x240": Mode(0x13, "unchained", (320, 240), (2, 2), misc=0xE3,
                      pokes=[*_UNCHAINED, *_crtc(_LINES_240 + "09=41 14=00 17=e3")]),
    "X 320x400": Mode(0x13, "unchained", (320, 400), (2, 1),
                      pokes=[*_UNCHAINED, *_crtc("09=40 14=00 17=e3")]),
    "X 320x480": Mode(0x13, "unchained", (320, 480), (2, 1), misc=0xE3,
                      pokes=[*_UNCHAINED, *_crtc(_LINES_240 + "09=40 14=00 17=e3")]),
    "X 360x480": Mode(0x13, "unchained", (360, 480), (2, 1), misc=0xE7,
                      pokes=[*_UNCHAINED, *_crtc(
                          _LINES_240 + "00=6b 01=59 02=5a 03=8e 04=5e 05=8a 09=40 13=2d 14=00 "
                          "17=e3")]),
    "VBE 320x200x8": Mode(0x146, "packed", (320, 200), bits=8),
    "VBE 640x480x8": Mode(0x101, "packed", (640, 480), bits=8),
    "VBE 1280x1024x8": Mode(0x107, "packed", (1280, 1024), bits=8),
    "VBE 640x480x15": Mode(0x110, "packed", (640, 480), bits=15),
    "VBE 800x600x15": Mode(0x113, "packed", (800, 600), bits=15),
    "VBE 640x480x16": Mode(0x111, "packed", (640, 480), bits=16),
    "VBE 1024x768x16": Mode(0x117, "packed", (1024, 768), bits=16),
    "VBE 640x480x24": Mode(0x112, "packed", (640, 480), bits=24),
    "VBE 1400x1050x24": Mode(0x182, "packed", (1400, 1050), bits=24),
    "VBE 800x600x32": Mode(0x143, "packed", (800, 600), bits=32),
    "VBE 1920x1200x32": Mode(0x189, "packed", (1920, 1200), bits=32),
    "VBE 800x600x4": Mode(0x102, "planar", (800, 600)),
    "VBE 1024x768x8 in banks": Mode(0x105, "banked", (1024, 768), bits=8),
}  # fmt: skip


# ------------------------------------------------------------------ the guest draws


def set_mode(probe: Probe, mode: Mode) -> None:
    """Have the guest set a mode."""
    if mode.number >= 0x100:
        linear = 0x4000 if mode.kind == "packed" else 0
        assert probe.int10(0x4F02, mode.number | linear).ax == 0x004F
    else:
        # SeaBIOS writes the registers of the CRTC before the bit that moves them to another
        # address between monochrome and colour modes: the second time they are there.
        probe.int10(mode.number)
        probe.int10(mode.number)
    if mode.misc is not None:
        probe.out(0x3C4, 0)
        probe.out(0x3C5, 1)
        probe.out(0x3C2, mode.misc)
        probe.out(0x3C4, 0)
        probe.out(0x3C5, 3)
    if mode.pokes:
        probe.out(0x3D4, 0x11)
        probe.out(0x3D5, 0)
    for port, index, value in mode.pokes:
        probe.out(port, index)
        probe.out(port + 1, value)
    if mode.kind in _ATTRIBUTES:
        _set_attributes(probe, mode.palette + _ATTRIBUTES[mode.kind])


def _set_attributes(probe: Probe, registers: bytes) -> None:
    """Program the attribute controller as IBM's BIOS does.

    For mode 7 SeaBIOS resets the flip-flop between index and data at the port of a colour adapter,
    which is not there then, so that its writes go anywhere; of mode 0Fh it shows one plane only.
    """
    status = 0x3DA if probe.read_port(0x3CC) & 1 else 0x3BA
    for index, value in enumerate(registers):
        probe.read_port(status)
        probe.out(0x3C0, index, value)
    probe.out(0x3C0, 0x20)


def draw(probe: Probe, mode: Mode, seed: int) -> Picture:
    """Have the guest set colours and fill the screen; return what must be seen."""
    colours = probe.fill(BUFFER, 768, seed)
    assert probe.int10(0x1012, 0, 256, BUFFER).ax != 0x0100
    dac = _dac(colours)
    if mode.kind not in _ATTRIBUTES:
        probe.int10(0x1003, 0)  # the uppermost bit of an attribute is no blinking
    painter = _PAINTERS[mode.kind]
    indices = painter(probe, mode, seed + 1)
    true_colours = indices.dtype == np.uint32
    picture = indices if true_colours else dac[indices]
    across, down = mode.zoom
    return picture.repeat(down, axis=0).repeat(across, axis=1)


def _dac(colours: bytes) -> Picture:
    """The colours of DAC entries of six bits a part."""
    parts = np.frombuffer(colours, np.uint8).reshape(256, 3) & 0x3F
    red, green, blue = (parts << 2 | parts >> 4).astype(np.uint32).T
    return red << 16 | green << 8 | blue


def _through(palette: bytes, indices: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.frombuffer(palette, np.uint8)[indices]


def _text(probe: Probe, mode: Mode, seed: int) -> NDArray[np.uint8]:
    mono = mode.kind == "mono text"
    columns, rows = mode.size
    font = np.frombuffer(probe.fill(BUFFER, 4096, seed), np.uint8).reshape(256, 16)
    probe.int10(0x1100, 0x1000, 256, 0, bp=BUFFER)
    probe.int10(0x0100, 0, 0x2000)  # no cursor
    memory = probe.fill(0xB0000 if mono else 0xB8000, 2 * columns * rows, seed + 1)
    cells = np.frombuffer(memory, np.uint8).reshape(rows, columns, 2)
    characters, attributes = cells[..., 0], cells[..., 1]
    eight = np.unpackbits(font[characters][..., None], axis=-1)  # rows, columns, 16, 8
    boxes = (characters >= 0xC0) & (characters <= 0xDF)
    ninth = eight[..., 7:] & boxes[..., None, None]
    dots = np.concatenate((eight, ninth), axis=-1)
    if mono:
        dots[..., _UNDERLINE, :] |= (attributes & 7 == 1)[..., None]
    background, foreground = (a[..., None, None] for a in (attributes >> 4, attributes & 15))
    indices = np.where(dots == 1, foreground, background).transpose(0, 2, 1, 3)
    return _through(mode.palette, indices.reshape(rows * 16, columns * 9))


def _cga(probe: Probe, mode: Mode, seed: int) -> NDArray[np.uint8]:
    width, height = mode.size
    bits = 2 if mode.kind == "cga4" else 1
    memory = np.frombuffer(probe.fill(0xB8000, 0x4000, seed), np.uint8)
    pitch = width * bits // 8
    even, odd = (memory[start : start + pitch * height // 2] for start in (0, 0x2000))
    lines = np.stack((even.reshape(-1, pitch), odd.reshape(-1, pitch)), axis=1)
    bytes_ = lines.reshape(height, pitch)
    shifts = np.arange(8 - bits, -1, -bits, dtype=np.uint8)
    pixels = bytes_[..., None] >> shifts & (1 << bits) - 1
    return _through(mode.palette, pixels.reshape(height, width))


def _planar(probe: Probe, mode: Mode, seed: int) -> NDArray[np.uint8]:
    width, height = mode.size
    size = width * height // 8
    indices = np.zeros((height, width), np.uint8)
    shown = (0, 2) if mode.kind == "planar mono" else range(4)
    for plane in range(4):
        _select_planes(probe, 1 << plane)
        memory = np.frombuffer(probe.fill(0xA0000, size, seed + plane), np.uint8)
        if plane in shown:
            indices |= np.unpackbits(memory).reshape(height, width) << plane
    _select_planes(probe, 15)
    return _through(mode.palette, indices)


def _unchained(probe: Probe, mode: Mode, seed: int) -> NDArray[np.uint8]:
    width, height = mode.size
    indices = np.zeros((height, width // 4, 4), np.uint8)
    for plane in range(4):
        _select_planes(probe, 1 << plane)
        memory = np.frombuffer(probe.fill(0xA0000, width * height // 4, seed + plane), np.uint8)
        indices[..., plane] = memory.reshape(height, width // 4)
    return indices.reshape(height, width)


def _select_planes(probe: Probe, mask: int) -> None:
    probe.out(0x3C4, 2)
    probe.out(0x3C5, mask)


def _linear(probe: Probe, mode: Mode, seed: int) -> NDArray[np.uint8]:
    width, height = mode.size
    memory = probe.fill(0xA0000, width * height, seed)
    return np.frombuffer(memory, np.uint8).reshape(height, width)


def _banked(probe: Probe, mode: Mode, seed: int) -> NDArray[np.uint8]:
    width, height = mode.size
    parts = []
    for bank in range(width * height >> 16):
        assert probe.int10(0x4F05, 0, 0, bank).ax == 0x004F
        parts.append(probe.fill(0xA0000, 0x10000, seed + bank))
    return np.frombuffer(b"".join(parts), np.uint8).reshape(height, width)


def _packed(probe: Probe, mode: Mode, seed: int) -> NDArray[np.uint8] | Picture:
    width, height = mode.size
    assert probe.int10(0x4F01, cx=mode.number, di=BUFFER).ax == 0x004F
    information = probe.memory(BUFFER, 44)
    pitch = int.from_bytes(information[16:18], "little")
    address = int.from_bytes(information[40:44], "little")
    depth = (mode.bits + 7) // 8
    assert pitch == width * depth
    memory = np.frombuffer(probe.fill(address, pitch * height, seed), np.uint8)
    parts = memory.reshape(height, width, depth).astype(np.uint32)
    if depth == 1:
        return parts[..., 0].astype(np.uint8)
    if depth > 2:
        return parts[..., 2] << 16 | parts[..., 1] << 8 | parts[..., 0]
    value = parts[..., 0] | parts[..., 1] << 8
    greens = 6 if mode.bits == 16 else 5
    red, green, blue = value >> 5 + greens & 31, value >> 5 & (1 << greens) - 1, value & 31
    return _widen(red, 5) << 16 | _widen(green, greens) << 8 | _widen(blue, 5)


def _widen(part: Picture, bits: int) -> Picture:
    """Make eight bits of a part such that its greatest value becomes 255."""
    return part << 8 - bits | part >> 2 * bits - 8


_PAINTERS = {
    "text": _text,
    "mono text": _text,
    "cga4": _cga,
    "cga2": _cga,
    "planar": _planar,
    "planar mono": _planar,
    "unchained": _unchained,
    "linear": _linear,
    "banked": _banked,
    "packed": _packed,
}
