"""Writes the saved state of this version that later versions have to load.

``python -m tests.engine.ssm.make_fixture`` before a release, and never again for that version:
``fixtures/VERSION.sav``. The machine has every device of the board and 8 MB of memory.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from app.version import version
from engine.pcboard import IdeUnit, Nic, SerialPort
from tests.engine.tinypc import TICKING, TinyPc

FIXTURES = Path(__file__).with_name("fixtures")
MARK = 0x600DCAFE
PROGRAM = f"  mov dword [0x510], {MARK}\n" + TICKING


def machine(folder: Path) -> TinyPc:
    """The machine of all fixtures."""
    return TinyPc(
        folder, PROGRAM, uuid="00000000-0000-0000-0000-00000000f1fe", vram_mb=1,
        ide=[IdeUnit(), IdeUnit(), IdeUnit("cdrom", ""), IdeUnit()], sata=[IdeUnit("cdrom", "")],
        floppies=[""], serial=[SerialPort()], nics=[Nic(mac="080027123456")],
        apic=True, ioapic=True, hpet=True,
    )  # fmt: skip


def main() -> int:
    """Write the fixture of this version, unless there is one."""
    target = FIXTURES / f"{version()}.sav"
    if target.exists() and "--replace" not in sys.argv:
        print(f"{target} exists; a state of a released version is never written again.")
        return 1
    FIXTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        pc = machine(Path(folder))
        pc.vm.power_on()
        try:
            pc.wait_for(lambda: pc.dword(0x508) > 3)
            pc.vm.pause()
            pc.vm.capture(product=f"Vitrine {version()}", details={}).write(str(target))
        finally:
            pc.vm.power_off()
    print(f"{target}: {target.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
