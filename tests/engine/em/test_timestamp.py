"""The time-stamp counter stands still while the machine is paused."""

import time

from engine.pdm.interfaces import ResetKind


def read(bench):
    bench.load(0x1000, "rdtsc\nhlt")
    bench.protected_mode(0x1000)
    bench.run_until_halt()
    return bench.reg(2) << 32 | bench.reg(0)


def test_it_starts_at_zero_and_advances(bench):
    bench.engine.reset(ResetKind.POWER_ON)
    first, second = read(bench), read(bench)
    assert 0 < first < second < 1 << 40


def test_it_stands_still_in_a_pause(bench):
    before = read(bench)
    bench.engine.clock_stopped()
    bench.engine.clock_stopped()  # twice is once
    time.sleep(0.3)
    bench.engine.clock_started()
    paused = read(bench) - before
    time.sleep(0.3)
    running = read(bench) - before
    # Whatever the counter's frequency: the time asleep counts only while the clock runs.
    assert paused < running / 2


def test_a_reset_in_a_pause_starts_it_anew(bench):
    bench.engine.clock_stopped()
    time.sleep(0.05)
    bench.engine.reset(ResetKind.HARD)
    time.sleep(0.05)
    bench.engine.clock_started()
    assert read(bench) < 1 << 40


def test_without_the_field_nothing_is_held(bench, monkeypatch):
    from engine.em.unicorn.timestamp import TimeStampCounter

    layout = bench.engine._layout
    fields = {name: getattr(layout, name) for name in layout.__slots__} | {"tsc_offset": 0}
    counter = TimeStampCounter(bench.engine._uc, type(layout)(**fields))
    counter.stop()
    counter.start()
    counter.reset()
    assert counter._offset is None
