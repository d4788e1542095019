"""A short command imports little: scripts call this program hundreds of times.

``bench/cli.py`` measures the time; what costs it is tested here, where no load disturbs.
"""

from __future__ import annotations

import subprocess
import sys

from app.service.server import Service
from tests.app.service.support import ROOT

# Each of these takes milliseconds to import, with what it brings along.
SLOW = {
    "app.api.events",
    "app.api.starter",
    "app.api.structs",
    "app.settings.enums",
    "app.settings.model",
    "argparse",
    "asyncio",
    "dataclasses",
    "email",
    "logging",
    "lxml",
    "multiprocessing",
    "numpy",
    "pathlib",
    "pickle",
    "shlex",
    "shutil",
    "subprocess",
    "tempfile",
    "unittest",
    "urllib",
}
PROGRAM = """
import sys
from app.cli.program import main
code = main(sys.argv[1:])
print(*sys.modules, file=sys.stderr)
sys.exit(code)
"""


def test_list_vms_imports_little(service: Service) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "list", "vms"],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "")
    assert SLOW & set(done.stderr.split()) == set()
