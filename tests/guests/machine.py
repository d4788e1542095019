"""A machine that a test watches and drives: its screen, its keyboard and its first serial port."""

from __future__ import annotations

import gc
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

from engine.keys import parse_keys
from engine.pcboard import IdeUnit, PcOptions, SerialPort, pc_tree
from engine.ssm import StateReader
from engine.vm import VM
from engine.vmevents import Event, GuestReset, PoweredOffByGuest, RuntimeErrorRaised

POLL = 0.05  # seconds between two looks at the guest
QUIET = 2.0  # seconds
KEY_GAP = 0.02  # seconds between two keys
SWITCH_INTERVAL = 0.0002  # seconds: a port access of the guest needs the interpreter soon
PROMPT = "guest# "


class SerialConsole:
    """The far end of COM1: keeps what the guest says and sends it bytes."""

    def __init__(self) -> None:
        self.data = bytearray()
        self._receiver: Callable[[bytes], object] | None = None

    def write(self, data: bytes) -> None:
        self.data += data

    def set_receiver(self, receiver: Callable[[bytes], object]) -> None:
        self._receiver = receiver

    def send(self, data: bytes) -> None:
        """Send to the guest; on the emulation thread."""
        assert self._receiver is not None
        self._receiver(data)


class GuestMachine:
    """A PC with at most one medium of each kind, switched on.

    Attributes:
        vm: for what is not wrapped here. events: what the machine has told, in order.
    """

    def __init__(
        self,
        *,
        memory_mb: int = 256,
        cdrom: Path | str = "",
        disk: Path | str = "",
        floppy: Path | str = "",
        boot_order: str = "dac",
        sata: bool = False,
        attachments: dict[tuple[str, int], object] | None = None,
        **board: object,
    ) -> None:
        ide = [IdeUnit() for _ in range(4)]
        if disk:
            ide[0] = IdeUnit("disk", str(disk))
        ide[2] = IdeUnit("cdrom", str(cdrom))
        if sata:
            board["sata"] = [ide[0], ide[2], IdeUnit()]
            ide = [IdeUnit() for _ in range(4)]
        options = PcOptions(
            name="guest of a test",
            memory_mb=memory_mb,
            ide=ide,
            floppies=[str(floppy)] if floppy else [],
            serial=[SerialPort()],
            boot_order=boot_order,
            **{"engine": "Unicorn", **board},
        )
        self._options = options
        self._attachments = attachments or {}
        self._console = SerialConsole()
        self._read = 0
        self._switch_interval = sys.getswitchinterval()
        self.events: list[Event] = []
        self._told = threading.Event()
        self.vm = self._build()
        sys.setswitchinterval(SWITCH_INTERVAL)
        try:
            self.vm.power_on()
        except BaseException:
            self.close()
            raise

    def _build(self) -> VM:
        return VM(
            pc_tree(self._options),
            attachments={("serial/0", 0): self._console, **self._attachments},
            listener=self._on_event,
        )

    def save_and_restore(self, path: Path, engine: str = "") -> None:
        """Write the state to a file, end this machine, and go on from the file in a new one."""
        self.vm.pause()
        self.vm.capture(product="a test").write(str(path))
        self.vm.power_off()
        if engine:
            self._options.engine = engine
        self.rebuild()
        with StateReader(str(path)) as reader:
            self.vm.power_on(saved=reader)

    def rebuild(self) -> None:
        """Put a new machine, which is off, in the place of the one that was switched off."""
        del self.vm
        gc.collect()  # the memory of the machine that is off, before there is a second one
        self.vm = self._build()

    def _on_event(self, event: Event) -> None:
        self.events.append(event)
        self._told.set()

    def close(self) -> None:
        try:
            self.vm.power_off()
        finally:
            sys.setswitchinterval(self._switch_interval)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    # ------------------------------------------------------------------ watching

    @property
    def screen(self) -> str:
        assert self.vm.display is not None
        return self.vm.display.screen_text() or ""

    @property
    def sent(self) -> bytearray:
        """What the guest has sent to the serial port, which goes on growing."""
        return self._console.data

    @property
    def serial(self) -> str:
        return self._text(0, len(self._console.data))

    def _text(self, start: int, end: int) -> str:
        return bytes(self._console.data[start:end]).decode("utf-8", "replace").replace("\r", "")

    def until(self, condition: Callable[[], object], what: str, timeout: float) -> None:
        """Wait until a condition holds; fail with what the guest shows after ``timeout`` s."""
        end = time.monotonic() + timeout
        while not condition():
            stuck = next((e for e in self.events if isinstance(e, RuntimeErrorRaised)), None)
            if stuck or time.monotonic() >= end:
                why = stuck.message if stuck else f"not within {timeout:.0f} s"
                raise AssertionError(f"{what}: {why}\n{self._report()}")
            time.sleep(POLL)

    def _report(self) -> str:
        tail = self.serial[-1500:]
        return f"state: {self.vm.state}\nscreen:\n{self.screen}\nserial port, its end:\n{tail}"

    def wait_screen(self, text: str, timeout: float) -> None:
        self.until(lambda: text in self.screen, f"{text!r} on the screen", timeout)

    def wait_quiet(self, timeout: float) -> None:
        """Wait until the screen has not changed for a while: a program that has just painted it
        may still throw away what was typed before it reads."""
        last, since = self.screen, time.monotonic()

        def quiet() -> bool:
            nonlocal last, since
            if self.screen != last:
                last, since = self.screen, time.monotonic()
            return time.monotonic() - since >= QUIET

        self.until(quiet, "a quiet screen", timeout)

    def expect(self, text: str, timeout: float) -> str:
        """Wait for a text on the serial port after what was read before; return all up to it."""
        wanted = text.encode()
        start = self._read
        found = -1

        def arrived() -> bool:
            nonlocal found
            found = self._console.data.find(wanted, start)
            return found >= 0

        self.until(arrived, f"{text!r} on the serial port", timeout)
        self._read = found + len(wanted)
        return self._text(start, found)

    def wait_event(self, kind: type[Event], timeout: float) -> None:
        def has_come() -> bool:
            return any(isinstance(event, kind) for event in self.events)

        self.until(has_come, kind.__name__, timeout)

    def wait_power_off(self, timeout: float) -> None:
        self.wait_event(PoweredOffByGuest, timeout)

    def wait_reset(self, timeout: float) -> None:
        self.wait_event(GuestReset, timeout)

    # ------------------------------------------------------------------ driving

    def type(self, keys: str) -> None:
        """Type on the keyboard: text and names, ``ls{ENTER}``."""
        for group in parse_keys(keys):
            for codes in group:
                self.vm.put_scancodes(codes)
                time.sleep(KEY_GAP)

    def send(self, text: str) -> None:
        """Send to the serial port."""
        self.send_bytes(text.encode())

    def send_bytes(self, data: bytes) -> None:
        """Send to the serial port."""
        self.vm.post(lambda: self._console.send(data)).result(10)

    def run(self, command: str, timeout: float = 60) -> str:
        """Run a command in the shell on the serial port, which must succeed; return its output."""
        # The shell echoes the line, into which the kernel may speak: what is looked for must not
        # stand in it.
        line = f"{command}; echo E''XIT=$?="
        self.send(f"{line}\n")
        self.expect(line[:20], timeout)
        self.expect("\n", timeout)
        output = self.expect("EXIT=", timeout)
        status = self.expect("=", timeout)
        self.expect(PROMPT, timeout)
        assert status == "0", f"{command!r} ended with {status}:\n{output}"
        return output
