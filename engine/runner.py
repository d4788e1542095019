"""The console runner: boots a machine without a window (``python -m engine run``)."""

from __future__ import annotations

import argparse
import json
import logging
import resource
import sys
import threading
import time
from typing import TYPE_CHECKING

from engine.em.choice import EngineName
from engine.errors import EngineError
from engine.keys import KeySyntaxError, parse_keys
from engine.pcboard import IdeUnit, PcOptions, SerialPort, pc_tree
from engine.screenshot import write_png
from engine.vm import VM
from engine.vmevents import PoweredOffByGuest, RuntimeErrorRaised

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.vmevents import Event

EXIT_OK, EXIT_ERROR, EXIT_SYNTAX, EXIT_TIMEOUT = 0, 1, 2, 3
QUIET = 2.0  # seconds without a change on the screen before keys are typed
POLL = 0.1  # seconds between two looks at screen and serial line
KEY_GAP = 0.02  # seconds between two keys


class SerialSink:
    """Takes the serial port's bytes: keeps them for ``--until`` and copies them out."""

    def __init__(self, target: str) -> None:
        self._file = None
        if target == "-":
            self._file = sys.stdout.buffer
        elif target:
            self._file = open(target, "wb")  # noqa: SIM115 - closed with the machine
        self.data = bytearray()

    def write(self, data: bytes) -> None:
        """Take bytes from the UART."""
        self.data += data
        if self._file:
            self._file.write(data)
            self._file.flush()

    def close(self) -> None:
        """Close the copy."""
        if self._file and self._file is not sys.stdout.buffer:
            self._file.close()


def parser() -> argparse.ArgumentParser:
    """Return the grammar of ``run``."""
    result = argparse.ArgumentParser(
        prog="python -m engine run",
        description="Boot a PC without a window.",
        epilog="Exit codes: 0 the text has appeared (or the guest has switched off), "
        "1 error, 2 wrong options, 3 time-out.",
    )
    add = result.add_argument
    add("--memory", type=int, default=256, metavar="MB", help="RAM (default 256)")
    add("--vram", type=int, default=16, metavar="MB", help="video memory (default 16)")
    add("--cdrom", metavar="FILE", help="ISO image in the CD-ROM drive")
    add("--hda", metavar="FILE", help="hard disk image")
    add("--floppy", metavar="FILE", help="image in floppy drive A:")
    add("--boot", default="", metavar="ORDER", help="letters c, d, a, n (default: what is there)")
    add("--serial", default="", metavar="FILE", help="where COM1 goes; - is standard output")
    add("--keys", default="", metavar="TEXT", help="typed when the screen is quiet; {ENTER}, {F12}")
    add("--until", default="", metavar="TEXT", help="stop when it is on COM1 or the text screen")
    add("--timeout", type=float, default=60.0, metavar="S", help="stop after S seconds")
    add("--screenshot", metavar="PNG", help="write the last picture")
    add("--screen-text", metavar="FILE", help="write the last text screen")
    add("--debugcon", default="", metavar="FILE", help="firmware's debug output (port 402h)")
    add("--stats", metavar="JSON", help="write counters")
    engines = [name.value.lower() for name in EngineName]
    add("--engine", default="unicorn", choices=engines, help="execution engine")
    add("--sata", action="store_true", help="disk and CD-ROM drive on an AHCI controller")
    add("--apic", action="store_true", help="local APIC, I/O APIC and HPET")
    add("--bios", default="", metavar="FILE", help="PC BIOS image")
    add("--vga-bios", default="", metavar="FILE", help="VGA BIOS image")
    add("--verbose", action="store_true", help="log to standard error")
    return result


def options_of(arguments: argparse.Namespace) -> PcOptions:
    """Turn command-line arguments into a board."""
    ide = [IdeUnit() for _ in range(4)]
    if arguments.hda:
        ide[0] = IdeUnit("disk", arguments.hda)
    ide[2] = IdeUnit("cdrom", arguments.cdrom or "")
    sata: list[IdeUnit] = []
    if arguments.sata:
        sata, ide = [ide[0], ide[2]], [IdeUnit() for _ in range(4)]
    order = arguments.boot
    if not order:
        present = (("d", arguments.cdrom), ("c", arguments.hda), ("a", arguments.floppy))
        order = "".join(letter for letter, path in present if path) or "adc"
    return PcOptions(
        name="console runner",
        memory_mb=arguments.memory,
        vram_mb=arguments.vram,
        boot_order=order,
        ide=ide,
        sata=sata,
        floppies=[arguments.floppy or ""],  # a PC has a drive A:, if only an empty one
        serial=[SerialPort()],
        engine={name.value.lower(): name.value for name in EngineName}[arguments.engine],
        apic=arguments.apic,
        ioapic=arguments.apic,
        hpet=arguments.apic,
        bios=arguments.bios,
        vga_bios=arguments.vga_bios,
        debug_console=arguments.debugcon,
    )


class Runner:
    """Watches one machine from the main thread."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self._arguments = arguments
        self._keys = parse_keys(arguments.keys)
        self._serial = SerialSink(arguments.serial)
        self._ended = threading.Event()
        self._error = ""
        self._searched = 0
        self._vm = VM(
            pc_tree(options_of(arguments)),
            attachments={("serial/0", 0): self._serial},
            listener=self._on_event,
        )

    def _on_event(self, event: Event) -> None:
        if isinstance(event, RuntimeErrorRaised):
            self._error = event.message
            self._ended.set()
        elif isinstance(event, PoweredOffByGuest):
            self._ended.set()

    def run(self) -> int:
        """Boot, watch, write what was asked for; return the exit code."""
        arguments = self._arguments
        started = time.perf_counter()
        try:
            self._vm.power_on()
            code = self._watch(started + arguments.timeout)
            wall = time.perf_counter() - started
            self._write_results(wall)
        finally:
            self._vm.power_off()
            self._serial.close()
        return code

    def _watch(self, end: float) -> int:
        typed_at = 0.0
        screen, changed = self._screen(), time.perf_counter()
        keys = list(self._keys)
        while True:
            now = time.perf_counter()
            text = self._screen()
            if text != screen:
                screen, changed = text, now
            if self._found(text):
                return EXIT_OK
            if self._ended.is_set():
                return self._after_end()
            if now >= end:
                wanted = self._arguments.until
                if wanted:
                    print(f"Time-out: {wanted!r} has not appeared.", file=sys.stderr)
                return EXIT_TIMEOUT
            if keys and now - max(changed, typed_at) >= QUIET:
                for codes in keys.pop(0):
                    self._vm.put_scancodes(codes)
                    time.sleep(KEY_GAP)
                typed_at = time.perf_counter()
            self._ended.wait(min(POLL, max(0.0, end - now)))

    def _after_end(self) -> int:
        if self._error:
            print(self._error, file=sys.stderr)
            return EXIT_ERROR
        if self._arguments.until:
            print(
                f"The guest has switched off before {self._arguments.until!r} appeared.",
                file=sys.stderr,
            )
            return EXIT_ERROR
        return EXIT_OK

    def _screen(self) -> str:
        display = self._vm.display
        return (display.screen_text() or "") if display else ""

    def _found(self, screen: str) -> bool:
        wanted = self._arguments.until
        if not wanted:
            return False
        if wanted in screen:
            return True
        data, needle = self._serial.data, wanted.encode()
        end = len(data)  # the EMT goes on adding to it
        hit = data.find(needle, max(0, self._searched - len(needle)), end) >= 0
        self._searched = end
        return hit

    def _write_results(self, wall: float) -> None:
        arguments = self._arguments
        if arguments.screen_text:
            with open(arguments.screen_text, "w", encoding="utf-8") as file:
                file.write(self._screen() + "\n")
        if arguments.screenshot and self._vm.display:
            surface = self._vm.display.open_surface()
            surface.update()
            write_png(arguments.screenshot, surface.pixels)
        if arguments.stats:
            usage = resource.getrusage(resource.RUSAGE_SELF)
            counters = {path: value for path, (value, _) in self._vm.statistics().items()}
            result = {
                "wall_seconds": wall,
                "host_cpu_seconds": usage.ru_utime + usage.ru_stime,
                "max_rss_kib": usage.ru_maxrss,
                "runs": counters.get("/EM/Runs", 0),
                "counters": counters,
            }
            with open(arguments.stats, "w", encoding="utf-8") as file:
                json.dump(result, file, indent=1)
                file.write("\n")


def main(argv: Sequence[str]) -> int:
    """Run the command line after ``run``; return the exit code."""
    arguments = parser().parse_args(argv)
    if arguments.verbose:
        logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)
    sys.setswitchinterval(0.0002)  # an I/O callback needs the GIL soon
    try:
        return Runner(arguments).run()
    except KeySyntaxError as error:
        print(f"error: --keys: {error}", file=sys.stderr)
        return EXIT_SYNTAX
    except (EngineError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return EXIT_ERROR
