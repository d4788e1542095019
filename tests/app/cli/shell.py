"""Runs command lines in this process and compares what they print with golden files."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from app.cli.program import main

GOLDEN = Path(__file__).with_name("golden")

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MAC = re.compile(r"\b080027[0-9A-F]{6}\b")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?")


class Ran(NamedTuple):
    """How a command line ended."""

    code: int
    out: str
    err: str


class Shell:
    """Runs command lines as a person would in a terminal."""

    def __init__(self, capture: pytest.CaptureFixture[str], folder: Path) -> None:
        self._capture = capture
        self._folder = folder

    def run(self, *words: str) -> Ran:
        """Carry out one command line."""
        self._capture.readouterr()
        code = main(words)
        printed = self._capture.readouterr()
        return Ran(code, printed.out, printed.err)

    def ok(self, *words: str) -> str:
        """Carry out one command line that works; returns what it printed."""
        ran = self.run(*words)
        assert ran.code == 0, ran
        return ran.out

    def stable(self, text: str) -> str:
        """``text`` without what differs from run to run."""
        text = text.replace(str(self._folder), "<folder>")
        for pattern, name in ((_UUID, "uuid"), (_MAC, "mac")):
            found = dict.fromkeys(pattern.findall(text))
            for number, value in enumerate(found, 1):
                text = text.replace(value, f"<{name}-{number}>")
        return _TIME.sub("<time>", text)

    def check_golden(self, name: str, text: str) -> None:
        """Compare with a golden file; ``VITRINE_WRITE_GOLDEN=1`` writes it instead."""
        file = GOLDEN / f"{name}.txt"
        stable = self.stable(text)
        if os.environ.get("VITRINE_WRITE_GOLDEN"):
            file.write_text(stable, encoding="utf-8")
        expected = file.read_text(encoding="utf-8")
        assert stable == expected, "\n" + "\n".join(
            difflib.unified_diff(expected.splitlines(), stable.splitlines(), "golden", "printed")
        )


def first_error(ran: Ran) -> str:
    """The first error that a command printed, without its prefix."""
    lines = [line for line in ran.err.splitlines() if line.startswith("VBoxManage: error: ")]
    assert lines, ran
    return lines[0].removeprefix("VBoxManage: error: ")


def values_of(text: str) -> dict[str, str]:
    """Keys and values of ``--machinereadable`` output, as scripts take it apart."""
    return dict(re.findall(r'^"?(.+?)"?="?(.*?)"?$', text, re.MULTILINE))


def lines_starting(text: str, start: str) -> Sequence[str]:
    """The lines that start with ``start``."""
    return [line for line in text.splitlines() if line.startswith(start)]
