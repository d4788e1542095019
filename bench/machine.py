"""Runs a guest without a window and lets the caller time what it says.

``python -m bench.machine`` is the process that the benchmarks compare with QEMU's: it writes what
the guest sends to COM1 or to port E9h to its standard output, and ``POWER-ON`` in front of that.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.pcboard import PcOptions

ROOT = Path(__file__).resolve().parent.parent
QEMU = "qemu-system-x86_64"
_QEMU_ADAPTERS = {"82540EM": "e1000", "virtio": "virtio-net-pci"}
# Controllers by the engine's name of the device, and what QEMU needs for one with a disk.
_QEMU_CONTROLLERS = {
    "ahci": ("ahci,id=h", "ide-hd,bus=h.0,drive=d"),
    "virtio-scsi": ("virtio-scsi-pci,id=h", "scsi-hd,bus=h.0,drive=d"),
    "virtio-blk": ("virtio-blk-pci,drive=d",),
    "nvme": ("nvme,serial=bench,drive=d",),
}
POWER_ON = b"POWER-ON\n"
PROMPT = b"guest# "
SHELL_TIMEOUT = 120.0  # seconds


class Guest:
    """A machine in a process of its own; remembers when each byte of its output came.

    Args:
        command: writes the guest's output to its standard output.

    Attributes:
        started: when the process was started. All times are of ``time.perf_counter``.
    """

    def __init__(self, command: list[str]) -> None:
        self._output = bytearray()
        self._times: list[tuple[int, float]] = []  # length of the output, and since when
        self._changed = threading.Condition()
        self._ended = False
        self.started = time.perf_counter()
        self._end, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(command, cwd=ROOT, stdin=theirs, stdout=theirs)
        self.pid = self._process.pid
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        while data := self._end.recv(4096):
            now = time.perf_counter()
            with self._changed:
                self._output += data
                self._times.append((len(self._output), now))
                self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def wait(self, text: bytes, timeout: float, start: int = 0) -> tuple[int, float]:
        """Wait for a text.

        Returns:
            Position behind it, and when its last byte came.

        Raises:
            TimeoutError: it has not come; tells what has.
        """
        end = time.monotonic() + timeout
        with self._changed:
            while (at := self._output.find(text, start)) < 0:
                left = end - time.monotonic()
                if self._ended or left <= 0:
                    why = "the machine has ended" if self._ended else f"{timeout:.0f} s are over"
                    raise TimeoutError(f"no {text!r}, {why}: {bytes(self._output[-200:])!r}")
                self._changed.wait(left)
            behind = at + len(text)
            return behind, next(when for length, when in self._times if length >= behind)

    def text(self, start: int, end: int) -> str:
        """Return a part of the output."""
        with self._changed:
            return self._output[start:end].decode("utf-8", "replace")

    def send(self, text: str) -> None:
        """Send to the guest's serial port, which listens in machines with an adapter or a disk."""
        self._end.sendall(text.encode())

    def cpu_seconds(self) -> float:
        """Return the processor time that the process has used, with all its threads."""
        clock = ctypes.c_int()
        error = ctypes.CDLL(None).clock_getcpuclockid(self.pid, ctypes.byref(clock))
        if error:
            raise OSError(error, os.strerror(error))
        return time.clock_gettime(clock.value)

    def end(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
        self._reader.join()
        self._end.close()


class Shell:
    """The shell at the guest's serial port."""

    def __init__(self, machine: Guest) -> None:
        self._machine = machine
        self._at = machine.wait(PROMPT, SHELL_TIMEOUT)[0]

    def run(self, command: str) -> float:
        """Run a command to its end; return the seconds that it took."""
        # The echo of the line must not look like its beginning or its end.
        self._machine.send(f"echo BE''GIN; {command}; echo DO''NE\n")
        self._at, begin = self._machine.wait(b"BEGIN", SHELL_TIMEOUT, self._at)
        self._at, end = self._machine.wait(b"DONE", SHELL_TIMEOUT, self._at)
        self._at = self._machine.wait(PROMPT, SHELL_TIMEOUT, self._at)[0]
        return end - begin


def vitrine_command(
    *,
    output: str,
    floppy: Path | None = None,
    cdrom: Path | None = None,
    memory: int = 256,
    engine: str = "Unicorn",
    adapter: str = "",
    web_port: int = 0,
    disk: Path | None = None,
    controller: str = "",
) -> list[str]:
    """Return the command line of a Vitrine machine.

    Args:
        output: where the guest speaks, ``serial`` or ``e9``.
        floppy: image to boot. cdrom: likewise.
        memory: MiB.
        engine: that runs the guest.
        adapter: model of its network adapter, which is behind NAT; none: it has no network.
        web_port: TCP port of the host's loopback that leads to port 80 of the guest.
        disk: raw image of a disk, which is written. controller: where it is.
    """
    command = [sys.executable, "-m", "bench.machine", "--output", output, "--memory", str(memory)]
    if floppy:
        command += ["--floppy", str(floppy)]
    if cdrom:
        command += ["--cdrom", str(cdrom)]
    if adapter:
        command += ["--adapter", adapter, "--web-port", str(web_port)]
    if disk:
        command += ["--disk", str(disk), "--controller", controller]
    return [*command, "--engine", engine]


def qemu_command(
    *,
    output: str,
    floppy: Path | None = None,
    cdrom: Path | None = None,
    memory: int = 256,
    accelerator: str = "tcg",
    adapter: str = "",
    web_port: int = 0,
    disk: Path | None = None,
    controller: str = "",
) -> list[str]:
    """Return the command line of the same machine in QEMU, by default with its translator."""
    channel = {"serial": "-serial", "e9": "-debugcon"}[output]
    command = [QEMU, "-accel", accelerator, "-m", str(memory), "-vga", "std", "-display", "none"]
    command += ["-monitor", "none", "-snapshot", channel, "stdio"]
    if adapter:
        user = f"user,id=n0,hostfwd=tcp:127.0.0.1:{web_port}-:80"
        command += ["-netdev", user, "-device", f"{_QEMU_ADAPTERS[adapter]},netdev=n0"]
    else:
        command += ["-net", "none"]
    if disk:
        command += ["-drive", f"file={disk},if=none,id=d,format=raw,snapshot=off"]
        for device in _QEMU_CONTROLLERS[controller]:
            command += ["-device", device]
    if floppy:
        command += ["-boot", "a", "-drive", f"file={floppy},if=floppy,format=raw"]
    if cdrom:
        command += ["-boot", "d", "-cdrom", str(cdrom)]
    return command


@contextmanager
def guest(command: list[str]) -> Iterator[Guest]:
    """Run a machine for the length of a block."""
    running = Guest(command)
    try:
        yield running
    finally:
        running.end()


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.machine", description=__doc__)
    parser.add_argument("--output", choices=["serial", "e9"], required=True)
    parser.add_argument("--memory", type=int, default=256, metavar="MB")
    parser.add_argument("--floppy", default="")
    parser.add_argument("--cdrom", default="")
    parser.add_argument("--engine", default="Unicorn")
    parser.add_argument("--adapter", default="")
    parser.add_argument("--web-port", type=int, default=0)
    parser.add_argument("--disk", default="")
    parser.add_argument("--controller", default="")
    return parser.parse_args(arguments)


def _board(options: argparse.Namespace) -> PcOptions:
    from engine.pcboard import IdeUnit, Nic, PcOptions, SerialPort

    ide = [IdeUnit(), IdeUnit(), IdeUnit("cdrom", options.cdrom), IdeUnit()]
    board = PcOptions(
        name="benchmark",
        memory_mb=options.memory,
        boot_order="a" if options.floppy else "d",
        ide=ide,
        floppies=[options.floppy] if options.floppy else [],
        serial=[SerialPort()],
        engine=options.engine,
    )
    if options.adapter:
        settings = {
            "LocalhostReachable": True,
            "Forwards": f"web,tcp,127.0.0.1,{options.web_port},,80",
        }
        board.nics = [Nic(model=options.adapter, driver="NAT", settings=settings)]
    if options.disk:
        unit = IdeUnit("disk", options.disk)
        if options.controller == "ahci":
            board.sata = [unit]
        elif options.controller == "virtio-blk":
            board.disks = [unit]
        else:
            board.hosts = {options.controller: [unit]}
    return board


def _serve(arguments: list[str]) -> int:
    """Be the machine: run until the process is ended."""
    from engine.hostio.characters import standard_output
    from engine.hostio.lines import DevicePeer, Line
    from engine.pcboard import pc_tree
    from engine.vm import VM
    from engine.vmevents import RuntimeErrorRaised

    options = _options(arguments)
    board = _board(options)
    talks = options.adapter or options.disk
    if talks:
        # Standard input and output are one socket, which a line reads, too.
        os.set_blocking(sys.stdin.fileno(), False)
    sink = Line("the benchmark", peer=DevicePeer(0)) if talks else standard_output()
    place = ("serial/0", 0) if options.output == "serial" else ("debugport/0", 1)
    ended = threading.Event()

    def listen(event: object) -> None:
        if isinstance(event, RuntimeErrorRaised):
            print(event.message, file=sys.stderr)
            ended.set()

    sys.setswitchinterval(0.0002)  # as the console runner has it
    machine = VM(pc_tree(board), attachments={place: sink}, listener=listen)
    sink.write(POWER_ON)
    machine.power_on()
    ended.wait()
    machine.power_off()
    return 1


if __name__ == "__main__":
    sys.exit(_serve(sys.argv[1:]))
