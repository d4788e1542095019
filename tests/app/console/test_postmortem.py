"""What is known about a machine that cannot go on."""

from types import SimpleNamespace

import pytest

from app.api.errors import ApiError
from app.console import postmortem


def test_registers_stand_three_in_a_row(monkeypatch):
    registers = {"rax": "0x1", "rip": "0x7c00", "cs": "0x8", "eflags": "0x2"}
    monkeypatch.setattr(postmortem, "read_registers", lambda _vm, _cpu: registers)
    lines = postmortem.registers_text(SimpleNamespace(vm=None)).splitlines()
    assert [line.split() for line in lines] == [
        ["rax", "0x1", "rip", "0x7c00", "cs", "0x8"],
        ["eflags", "0x2"],
    ]


def test_a_machine_that_is_off_has_none(monkeypatch):
    def refuse(_vm, _cpu):
        raise OSError("It is off.")

    monkeypatch.setattr(postmortem, "read_registers", refuse)
    with pytest.raises(ApiError, match="off"):
        postmortem.registers_text(SimpleNamespace(vm=None))
