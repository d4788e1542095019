"""The near end of the probe: commands for the guest, and what it tells."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from tests.engine.em.cpubench import assemble

if TYPE_CHECKING:
    from app.api.client import Client

SOURCE = Path(__file__).with_name("probe.asm")
FLOPPY = 1440 * 1024
COM1 = "com1"
SECONDS = 60.0
BUFFER = 0xA000  # memory of the guest that its program does not use
POLL = 0.002

# The knocks of the IntelliMouse Explorer and the question who it is; reporting on.
EXPLORER = (0xF3, 200, 0xF3, 200, 0xF3, 80, 0xF2)
REPORT = 0xF4


@cache
def program() -> bytes:
    """The boot program; skips the test without nasm."""
    return assemble(f'%include "{SOURCE}"', 0x7C00, 16)


def write_floppy(path: Path) -> Path:
    path.write_bytes(program().ljust(FLOPPY, b"\0"))
    return path


def create_machine(
    api: Client,
    name: str,
    folder: Path,
    extra_data: dict[str, str] | None = None,
    *,
    tablet: bool = False,
) -> str:
    """Register a machine that boots the probe, with its COM1 at a socket in the folder.

    Returns:
        The machine's id. The folder need not exist; the socket is called :data:`COM1`.
    """
    from app.settings.defaults import default_settings
    from app.settings.enums import PointingDevice
    from app.settings.peripherals import SerialPort, UsbController

    folder.mkdir(exist_ok=True)
    settings = default_settings(name, "DOS")  # has a floppy drive
    settings.hardware.memory_mb = settings.hardware.display.vram_mb = 16
    settings.hardware.boot_order = ["Floppy"]
    settings.hardware.serial_ports = [
        SerialPort(slot=0, enabled=True, mode="HostPipe", path=str(folder / COM1), server=True)
    ]
    if tablet:
        settings.hardware.pointing_device = PointingDevice.USB_TABLET
        settings.hardware.usb_controllers = [UsbController(name="OHCI", type="OHCI")]
    settings.extra_data.update(extra_data or {})
    made = api.virtualbox.create_machine(name, "DOS", str(folder), settings)
    api.machine(made.id).mount_medium("Floppy", 0, 0, str(write_floppy(folder / "probe.img")))
    return made.id


def pseudo_random(seed: int, count: int) -> bytes:
    """The bytes that the guest's fill command writes, ``count`` of them."""
    words = -(-count // 4)
    factors = np.cumprod(np.full(words, 1664525, np.uint32), dtype=np.uint32)
    powers = np.concatenate((np.ones(1, np.uint32), factors[:-1]))
    sums = np.cumsum(powers, dtype=np.uint32)
    values = factors * np.uint32(seed) + sums * np.uint32(1013904223)
    return (values ^ (values >> np.uint32(16))).astype("<u4").tobytes()[:count]


class Wire(Protocol):
    """The host's end of the guest's COM1.

    Attributes:
        data: everything that the guest has sent.
    """

    data: bytearray

    def send(self, data: bytes, /) -> None: ...


class SocketWire:
    """COM1 as a Unix socket of the machine's.

    Attributes:
        times: length of the data so far, and when (``time.perf_counter``) it was reached.
    """

    def __init__(self, path: Path) -> None:
        self.data = bytearray()
        self.times: list[tuple[int, float]] = []
        self._socket = socket.socket(socket.AF_UNIX)
        self._connect(path)
        threading.Thread(target=self._read, daemon=True).start()

    def _connect(self, path: Path) -> None:
        end = time.monotonic() + SECONDS / 2
        while True:
            try:
                self._socket.connect(str(path))
                return
            except OSError:
                assert time.monotonic() < end, f"nobody listens at {path}"
                time.sleep(0.05)

    def _read(self) -> None:
        while True:
            try:
                data = self._socket.recv(4096)
            except OSError:
                return
            if not data:
                return
            self.data += data
            self.times.append((len(self.data), time.perf_counter()))

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def close(self) -> None:
        self._socket.close()


@dataclass(frozen=True)
class Registers:
    """What INT 10h left behind."""

    ax: int
    bx: int
    cx: int
    dx: int


class Probe:
    """A running probe.

    Attributes:
        wire: how it is reached.
    """

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self._parsed = 0
        self._replies: list[str] = []
        self._keys = bytearray()
        self._mouse = bytearray()

    # ------------------------------------------------------------------ what it tells

    def _parse(self) -> None:
        while (end := self.wire.data.find(b"\n", self._parsed)) >= 0:
            line = bytes(self.wire.data[self._parsed : end]).decode("ascii", "replace")
            self._parsed = end + 1
            if line.startswith("K"):
                self._keys.append(int(line[1:], 16))
            elif line.startswith("M"):
                self._mouse.append(int(line[1:], 16))
            else:
                self._replies.append(line)

    def _until(self, condition: Callable[[], object], what: str, seconds: float) -> None:
        end = time.monotonic() + seconds
        while self._parse() or not condition():
            tail = bytes(self.wire.data[-80:])
            assert time.monotonic() < end, f"in vain for {seconds:g} s: {what}; it said {tail!r}"
            time.sleep(POLL)

    def wait_ready(self, seconds: float = SECONDS) -> None:
        """Wait until the guest has started."""
        self._until(lambda: "!" in self._replies, "the start of the guest", seconds)
        self._replies.clear()

    @property
    def keys(self) -> bytes:
        """Bytes from the keyboard since the last :meth:`take_keys`."""
        self._parse()
        return bytes(self._keys)

    def take_keys(self, count: int, seconds: float = 10.0) -> bytes:
        """Wait for so many bytes from the keyboard; return and forget all that have come."""
        self._until(lambda: len(self._keys) >= count, f"{count} scan codes", seconds)
        return self.forget_keys()

    def forget_keys(self) -> bytes:
        """Return what has come from the keyboard and forget it."""
        keys = self.keys
        self._keys.clear()
        return keys

    def take_mouse(self, count: int, seconds: float = 10.0) -> bytes:
        """Wait for so many bytes from the mouse; return and forget all that have come."""
        self._until(partial(self._mouse_has, count), f"{count} bytes of the mouse", seconds)
        taken = bytes(self._mouse)
        self._mouse.clear()
        return taken

    def forget_mouse(self) -> bytes:
        """Return what has come from the mouse and forget it."""
        return self.take_mouse(0)

    # ------------------------------------------------------------------ what it does

    def _command(self, data: bytes, answers: int = 0, seconds: float = SECONDS) -> list[str]:
        self._parse()
        self._replies.clear()
        self.wire.send(data)
        self._until(lambda: len(self._replies) > answers, f"command {data[:1]!r}", seconds)
        replies, self._replies = self._replies, []
        assert replies[answers] == ".", replies
        return replies

    def ping(self) -> None:
        """Return when all commands before are done."""
        self._command(b"P")

    def out(self, port: int, *values: int) -> None:
        """Write bytes to a port."""
        for value in values:
            self._command(struct.pack("<cHB", b"O", port, value))

    def read_port(self, port: int) -> int:
        """Read a byte from a port."""
        return int(self._command(struct.pack("<cH", b"N", port), 1)[0][1:], 16)

    def out32(self, port: int, value: int) -> None:
        """Write a doubleword to a port."""
        self._command(struct.pack("<cHI", b"Q", port, value))

    def in32(self, port: int) -> int:
        """Read a doubleword from a port."""
        return self._number(struct.pack("<cH", b"q", port))

    def write32(self, address: int, *values: int) -> None:
        """Write doublewords to memory or registers."""
        for number, value in enumerate(values):
            self._command(struct.pack("<cII", b"W", address + 4 * number, value))

    def read32(self, address: int) -> int:
        """Read a doubleword from memory or a register."""
        return self._number(struct.pack("<cI", b"w", address))

    def _number(self, command: bytes) -> int:
        return int.from_bytes(bytes.fromhex(self._command(command, 1)[0][1:]), "little")

    def int10(
        self, ax: int, bx: int = 0, cx: int = 0, dx: int = 0, *, bp: int = 0, di: int = 0, es: int = 0
    ) -> Registers:
        """Call the video BIOS."""
        command = struct.pack("<c7H", b"I", ax, bx, cx, dx, bp, di, es)
        answer = bytes.fromhex(self._command(command, 1)[0][1:])
        return Registers(*struct.unpack("<4H", answer))

    def fill(self, address: int, count: int, seed: int) -> bytes:
        """Fill memory with pseudo-random bytes, four at a time; return them."""
        assert count % 4 == 0
        self._command(struct.pack("<cIII", b"F", address, count // 4, seed))
        return pseudo_random(seed, count)

    def memory(self, address: int, count: int) -> bytes:
        """Read memory."""
        return bytes.fromhex(self._command(struct.pack("<cIH", b"D", address, count), 1)[0][1:])

    def set_leds(self, leds: int) -> None:
        """Switch the lock LEDs: bit 0 scroll, 1 num, 2 caps."""
        self._command(struct.pack("<cB", b"L", leds))

    def write_mouse(self, *values: int) -> None:
        """Send bytes to the mouse, each after the answer to the one before."""
        for value in values:
            answered = partial(self._mouse_has, len(self._mouse) + 1)
            self._command(struct.pack("<cB", b"M", value))
            self._until(answered, "an answer of the mouse", 10.0)

    def _mouse_has(self, count: int) -> bool:
        return len(self._mouse) >= count

    def start_mouse(self) -> None:
        """Make the mouse an IntelliMouse Explorer that reports."""
        self.write_mouse(*EXPLORER)
        answer = self.take_mouse(len(EXPLORER) + 1)  # a command would cut the identity off
        assert answer == bytes((0xFA,)) * 7 + b"\x04", answer.hex()
        self.write_mouse(REPORT)
        assert self.take_mouse(1) == b"\xfa"
