"""Standard VGA modes as register values (IBM VGA technical reference), and a guest that sets them."""

from dataclasses import dataclass, replace

from tests.engine.bench import Bench, tree

H = bytes.fromhex
TEXT_PALETTE = H("00010203040514073839 3a3b3c3d3e3f")
IDENTITY_PALETTE = bytes(range(16))


@dataclass
class Mode:
    misc: int
    sequencer: bytes  # registers 1 to 4
    crtc: bytes
    attribute: bytes
    graphics: bytes


TEXT_80x25 = Mode(
    0x67, H("00030002"),
    H("5f4f50825581bf1f 004f0d0e00000000 9c8e8f281f96b9a3ff"),
    TEXT_PALETTE + H("0c000f0800"), H("00000000001 00e0fff".replace(" ", "")),
)  # fmt: skip
TEXT_40x25 = replace(
    TEXT_80x25, sequencer=H("08030002"),
    crtc=H("2d2728902ba0bf1f 004f0d0e00000000 9c8e8f141f96b9a3ff"),
)  # fmt: skip
MONO_80x25 = replace(
    TEXT_80x25, misc=0x66,
    crtc=H("5f4f50825581bf1f 004f0d0e00000000 9c8e8f280d96b9a3ff"),
    attribute=H("0008080808080808 1018181818181818 0e000f0800"),
    graphics=H("000000000010 0a0fff"),
)  # fmt: skip
CGA_320x200x4 = Mode(
    0x63, H("09030002"),
    H("2d2728902b80bf1f 00c1000000000000 9c8e8f140096b9a2ff"),
    H("0013151702040607 1011121314151617 01000300 00"), H("000000000030 0f0fff"),
)  # fmt: skip
CGA_640x200x2 = Mode(
    0x63, H("01010006"),
    H("5f4f50825480bf1f 00c1000000000000 9c8e8f280096b9c2ff"),
    H("0017171717171717 1717171717171717 01000100 00"), H("000000000000 0d0fff"),
)  # fmt: skip
EGA_320x200x16 = Mode(
    0x63, H("090f0006"),
    H("2d2728902b80bf1f 00c0000000000000 9c8e8f140096b9e3ff"),
    H("0001020304050607 1011121314151617 01000f0000"), H("000000000000 050fff"),
)  # fmt: skip
VGA_640x480x16 = Mode(
    0xE3, H("010f0006"),
    H("5f4f50825480 0b3e 0040000000000000 ea8cdf2800e704e3ff"),
    TEXT_PALETTE + H("01000f0000"), H("000000000000 050fff"),
)  # fmt: skip
VGA_320x200x256 = Mode(
    0x63, H("010f000e"),
    H("5f4f50825480bf1f 0041000000000000 9c8e8f284096b9a3ff"),
    IDENTITY_PALETTE + H("41000f0000"), H("000000000040 050fff"),
)  # fmt: skip
MODE_X_320x240 = Mode(
    0xE3, H("010f0006"),
    H("5f4f508254800d3e 0041000000000000 ea ac df2800e706e3ff".replace(" ", "")),
    IDENTITY_PALETTE + H("41000f0000"), H("000000000040 050fff"),
)  # fmt: skip


def vga_bench(**config):
    return Bench(tree(vga={"pci": (2, 0), "vram_mib": 1, **config}))


class Guest:
    """Programs a VGA through its ports and memory, as a driver does."""

    def __init__(self, bench=None):
        self.bench = bench or vga_bench()
        self.vga = self.bench.device("vga")
        self.crtc_port = 0x3D4

    def sequencer(self, index, value):
        self.bench.outw(0x3C4, index | value << 8)

    def graphics(self, index, value):
        self.bench.outw(0x3CE, index | value << 8)

    def crtc(self, index, value):
        self.bench.outw(self.crtc_port, index | value << 8)

    def attribute(self, index, value):
        """Write an attribute register and leave the picture on."""
        self.bench.inb(self.crtc_port + 6)
        self.bench.outb(0x3C0, index)
        self.bench.outb(0x3C0, value)
        self.bench.outb(0x3C0, 0x20)

    def dac(self, index, *colours):
        self.bench.outb(0x3C8, index)
        for colour in colours:
            for part in colour:
                self.bench.outb(0x3C9, part)

    def set_mode(self, mode):
        outb = self.bench.outb
        outb(0x3C2, mode.misc)
        self.crtc_port = 0x3D4 if mode.misc & 1 else 0x3B4
        self.sequencer(0, 1)
        for index, value in enumerate(mode.sequencer, 1):
            self.sequencer(index, value)
        self.sequencer(0, 3)
        self.crtc(0x11, 0)  # lift the write protection of 0 to 7
        for index, value in enumerate(mode.crtc):
            self.crtc(index, value)
        for index, value in enumerate(mode.graphics):
            self.graphics(index, value)
        for index, value in enumerate(mode.attribute):
            self.attribute(index, value)

    def dispi(self, index, value):
        self.bench.outw(0x1CE, index)
        self.bench.outw(0x1CF, value)

    def read_dispi(self, index):
        self.bench.outw(0x1CE, index)
        return self.bench.inw(0x1CF)

    def set_vbe(self, width, height, bits, flags=0x41):
        self.dispi(4, 0)
        self.dispi(1, width)
        self.dispi(2, height)
        self.dispi(3, bits)
        self.dispi(4, flags)
        self.bench.inb(self.crtc_port + 6)
        self.bench.outb(0x3C0, 0x20)

    def map_bars(self, frame_buffer=0xE0000000, registers=0xFEB00000, rom=0):
        self.vga.config_write(0x10, frame_buffer, 4)
        self.vga.config_write(0x18, registers, 4)
        self.vga.config_write(0x30, rom, 4)
        self.vga.config_write(0x04, 3, 2)

    def settle(self):
        """Let the device map the view that the registers allow."""
        self.bench.advance(100_000_000)

    def write(self, address, data):
        self.bench.memory.write(address, bytes(data))

    def read(self, address, size):
        return self.bench.memory.read(address, size)

    def load_font(self, glyphs, offset=0):
        """Load ``{character: rows}`` into plane 2 and go back to 80x25 text addressing."""
        for index, value in ((2, 4), (4, 7)):
            self.sequencer(index, value)
        for index, value in ((4, 2), (5, 0), (6, 4)):
            self.graphics(index, value)
        for character, rows in glyphs.items():
            self.write(0xA0000 + offset + 32 * character, rows)
        for index, value in ((2, 3), (4, 2)):
            self.sequencer(index, value)
        for index, value in ((4, 0), (5, 0x10), (6, 0x0E)):
            self.graphics(index, value)

    def plane(self, plane, start, count):
        self.vga.video.settle()
        return bytes(self.vga.video.bytes[4 * start + plane : 4 * (start + count) : 4])


def rgb(*parts):
    """Return 0x00RRGGBB of a 6-bit DAC colour."""
    red, green, blue = ((part << 2) | (part >> 4) for part in parts)
    return red << 16 | green << 8 | blue
