"""Real operating systems for the tests, built from Debian's packages when they are wanted.

The recipes are not part of this repository: they are a script that is looked for next to it (or
named by ``VITRINE_GUEST_BUILDER``) and called as ``build FOLDER GROUP``. What it has built stays
in ``VITRINE_GUESTS`` (default ``~/.cache/vitrine-guests``).

One guest is the test suite's own (``SUITE_LINUX``): its recipe is in ``tests/guests``.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import signal
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DEFAULT_BUILDER = ROOT.parent / "shared" / "guests" / "build"
BUILD_SECONDS = 900
SUITE_BUILDER = ROOT / "tests" / "guests" / "build_linux.py"
SUITE_SOURCES = (SUITE_BUILDER, SUITE_BUILDER.with_name("init"))


def _suite_linux() -> str:
    """Name the image after its recipe, so that a changed recipe makes a new image."""
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in SUITE_SOURCES))
    return f"suite-linux-{digest.hexdigest()[:8]}.iso"


SUITE_LINUX = _suite_linux()
GROUPS = {
    SUITE_LINUX: SUITE_LINUX,
    "linux-amd64.iso": "amd64",
    "linux-i386.iso": "i386",
    "linux-i386-pae.iso": "i386",
    "debian-installer.iso": "installer",
    "memtest86+ia32.iso": "tools",
    "memtest86+x64.iso": "tools",
    "grub-rescue-cdrom.iso": "tools",
    "grub-rescue-floppy.img": "tools",
    "ipxe.iso": "tools",
    "cpubench.img": "bench",
}


class GuestUnavailableError(Exception):
    """A guest cannot be had here; the text says why."""


def guests_folder() -> Path:
    named = os.environ.get("VITRINE_GUESTS")
    return Path(named) if named else Path.home() / ".cache" / "vitrine-guests"


def guest_builder() -> Path:
    named = os.environ.get("VITRINE_GUEST_BUILDER")
    return Path(named) if named else DEFAULT_BUILDER


class GuestImages:
    """The guests by file name; what fails once is not tried again in the same session."""

    def __init__(self, folder: Path, builder: Path, timeout: float = BUILD_SECONDS) -> None:
        self.folder = folder
        self._builder = builder
        self._timeout = timeout
        self._failures: dict[str, str] = {}

    def path(self, name: str) -> Path:
        """Return the image, built when it is not there yet.

        Raises:
            GuestUnavailableError: there are no recipes, or the build has failed (no network...).
        """
        image = self.folder / name
        if image.is_file():
            return image
        group = GROUPS[name]
        if group not in self._failures:
            self._failures[group] = self._build(group)
        if self._failures[group]:
            raise GuestUnavailableError(f"{name}: {self._failures[group]}")
        if not image.is_file():
            raise GuestUnavailableError(f"{name}: {self._builder_of(group)} has not made it")
        return image

    def _build(self, group: str) -> str:
        """Build a group; return why that has failed, or an empty text."""
        builder = self._builder_of(group)
        if not os.access(builder, os.X_OK):
            return f"it is not in {self.folder}, and there is no {builder} to build it"
        self.folder.mkdir(parents=True, exist_ok=True)
        # Two test runs at once must not build into each other's files.
        with (self.folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if all((self.folder / n).is_file() for n, g in GROUPS.items() if g == group):
                return ""
            # Beside the others first: a build that is interrupted leaves half an image.
            with tempfile.TemporaryDirectory(prefix=".build-", dir=self.folder) as folder:
                problem = self._run_builder(builder, folder, group)
                for made in () if problem else Path(folder).iterdir():
                    made.replace(self.folder / made.name)
            return problem

    def _builder_of(self, group: str) -> Path:
        return SUITE_BUILDER if group == SUITE_LINUX else self._builder

    def _run_builder(self, builder: Path, folder: str, group: str) -> str:
        with tempfile.TemporaryFile("w+", errors="replace") as output:
            try:
                # A session of its own: what the script has started must end with it.
                process = subprocess.Popen(
                    [str(builder), folder, group],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            except OSError as error:
                return f"{builder} could not be run: {error}"
            try:
                code = process.wait(self._timeout)
            except BaseException as error:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                if not isinstance(error, subprocess.TimeoutExpired):
                    raise
                return f"building {group!r} took longer than {self._timeout:.0f} s"
            if code:
                output.seek(0)
                lines = output.read().strip().splitlines() or ["no message"]
                return f"building {group!r} failed (exit {code}): {lines[-1]}"
            return ""
