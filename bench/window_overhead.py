"""How much slower a Linux boots while its window is open: at most 1.1 times.

Compared are the seconds between the boot loader's first message and the first line of the guest's
own program on COM1, with the VM window on the screen and without any window.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from bench.desktop import check_screen, installation, on_a_screen, program
from bench.machine import guest, vitrine_command
from bench.report import Report, alternate, guest_image, rounds, run

FIRST, LAST = b"ISOLINUX", b"SELFTEST-START"
TARGET = 1.1
TIMEOUT = 300.0
POLL = 0.02
MEMORY = 256


def without_window(image: Path) -> float:
    """Boot in the process that the other benchmarks use."""
    with guest(vitrine_command(output="serial", cdrom=image, memory=MEMORY)) as machine:
        at, first = machine.wait(FIRST, TIMEOUT)
        _, last = machine.wait(LAST, TIMEOUT, at)
        return last - first


def with_window(image: Path) -> float:
    """Boot in the VM window, as a person does."""
    from app.api import connect
    from app.settings.defaults import default_settings
    from app.settings.hardware import SerialPort

    settings = default_settings("Bench", "Linux26_64")
    settings.hardware.memory_mb = MEMORY
    with installation() as folder, connect(client_name="bench") as api:
        output = folder / "serial"
        settings.hardware.serial_ports = [
            SerialPort(slot=0, enabled=True, mode="RawFile", path=str(output))
        ]
        machines = str(folder / "machines")
        made = api.virtualbox.create_machine("Bench", "Linux26_64", machines, settings)
        api.machine(made.id).mount_medium("IDE", 1, 0, str(image))
        with program("--startvm", made.id, "--no-startvm-errormsgbox") as process:
            first = _appears(output, FIRST, process)
            return _appears(output, LAST, process) - first


def _appears(path: Path, text: bytes, process: subprocess.Popen[bytes]) -> float:
    """Return when a text was in a file."""
    end = time.perf_counter() + TIMEOUT
    while (now := time.perf_counter()) < end and process.poll() is None:
        if path.exists() and text in path.read_bytes():
            return now
        time.sleep(POLL)
    why = f"{TIMEOUT:.0f} s are over" if process.poll() is None else "the machine has ended"
    raise TimeoutError(f"no {text!r} on COM1, {why}")


def measure(report: Report) -> None:
    """Measure with and without the window in turn."""
    check_screen()
    image = guest_image("linux-amd64.iso")
    pairs = alternate(rounds(3), lambda: with_window(image), lambda: without_window(image))
    report.compare("VM window against no window", pairs, target=TARGET, digits=1)


def main() -> int:
    """Print the ratio."""
    code = on_a_screen("bench.window_overhead")
    return run(measure) if code is None else code


if __name__ == "__main__":
    sys.exit(main())
