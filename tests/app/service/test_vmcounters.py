"""Counters of VM processes as metrics."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from app.api.messages import pack
from app.service.metrics import vmcounters
from app.service.metrics.vmcounters import CpuShares, Rates, Reading, Totals, exits, parse

SECOND = 1_000_000_000


class Counters:
    """Hands out one reading after the other."""

    def __init__(self, *readings: Reading) -> None:
        self.readings = iter(readings)

    def latest(self) -> Reading | None:
        return next(self.readings, None)


def test_rates_are_per_second():
    meter = Rates(
        Counters(
            Reading(10.0, {"/Public/Storage/ide/Port0/BytesRead": 1000,
                           "/Public/Storage/ide/Port2/BytesRead": 1}),
            Reading(12.0, {"/Public/Storage/ide/Port0/BytesRead": 3000,
                           "/Public/Storage/ide/Port2/BytesRead": 1}),
        ),
        vmcounters.DISK_READ,
        vmcounters.NET_RECEIVED,
    )  # fmt: skip
    assert meter() == (None, None)
    assert meter() == (1000, None)


def test_totals_are_in_kib():
    reading = Reading(1.0, {"/Public/Storage/ide/Port0/BytesRead": 5000})
    meter = Totals(Counters(reading), vmcounters.DISK_READ, vmcounters.NET_RECEIVED)
    assert meter() == (4, None)
    assert meter() == (None, None)


def test_a_reading_that_did_not_change_gives_no_rate():
    reading = Reading(1.0, {"/HM/Exits/io": 5})
    meter = Rates(Counters(reading, reading), exits)
    assert meter() == (None,)
    assert meter() == (None,)


def test_counters_that_were_reset_do_not_give_negative_rates():
    meter = Rates(Counters(Reading(1, {"/HM/Exits/io": 50}), Reading(2, {"/HM/Exits/io": 5})), exits)
    meter()
    assert meter() == (0,)


def test_exits_of_the_processor_count_alone():
    assert exits({"/HM/Exits/io": 3, "/HM/Exits/hlt": 4, "/IOM/Port/Reads": 100}) == 7
    assert exits({"/EM/Runs": 3, "/IOM/Port/Reads": 10, "/TRPM/Trap/0x0e": 1, "/EM/Halts": 9}) == 14
    assert exits({"/EM/Halts": 9}) is None


def test_a_halted_processor_is_not_load(monkeypatch):
    def reading(at: float, virtual: float, halted: float) -> Reading:
        return Reading(
            at,
            {"/TM/VirtualTime": int(virtual * SECOND), "/EM/HaltedTime": int(halted * SECOND)},
        )

    seconds = iter([5.0, 5.5])
    monkeypatch.setattr(vmcounters, "process_seconds", lambda _pid: next(seconds))
    clock = iter([100.0, 101.0])
    monkeypatch.setattr(vmcounters, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    meter = CpuShares(Counters(reading(0, 0, 0), reading(1, 1, 0.75)), lambda: 42)
    assert meter() == (None, None)
    assert meter() == (25_000, 25_000)


@pytest.mark.parametrize(
    "answer", ["", "<Statistics>", "<Statistics><Counter c='x' name='/a'/></Statistics>", 5]
)
def test_answers_that_make_no_sense_are_no_counters(answer):
    assert parse(pack(answer)) == {}


def test_answers_are_read():
    text = '<Statistics><Counter c="12" unit="times" name="/EM/Runs"/></Statistics>'
    assert parse(pack(text)) == {"/EM/Runs": 12}
