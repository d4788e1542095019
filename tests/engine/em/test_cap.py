"""The execution cap: shares of a slice by made-up clocks, and a guest that is held to one."""

import time

import pytest

from engine.em.cap import SLICE, ExecutionCap
from engine.errors import ConfigurationError
from tests.engine.kvm import ENGINES
from tests.engine.tinypc import LOOP, TinyPc


class Clocks:
    def __init__(self):
        self.used = self.now = 1_000_000

    def cap(self, percent):
        return ExecutionCap(percent, used=lambda: self.used, clock=lambda: self.now)

    def run(self, ns):
        self.used += ns
        self.now += ns


def test_a_share_of_each_slice_may_be_used():
    clocks = Clocks()
    cap = clocks.cap(30)
    worked = 0
    end = clocks.now + 10 * SLICE
    while clocks.now < end:
        budget = cap.budget()
        if budget:
            clocks.run(budget)
            worked += budget
        else:
            clocks.now += cap.rest()
    assert worked == 3 * SLICE


def test_time_without_work_costs_no_budget():
    clocks = Clocks()
    cap = clocks.cap(40)
    assert cap.budget() == 40_000_000
    clocks.now += 50_000_000  # halted
    assert cap.budget() == 40_000_000
    clocks.run(40_000_000)
    assert cap.budget() == 0
    assert cap.rest() == 10_000_000


def test_no_limit_and_a_change():
    clocks = Clocks()
    cap = clocks.cap(100)
    assert cap.budget() is None
    cap.change(1)
    assert cap.budget() == SLICE // 100
    for wrong in (0, 101, -5):
        with pytest.raises(ConfigurationError, match=f"1 to 100 per cent, not {wrong}"):
            cap.change(wrong)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_guest_gets_its_share_and_virtual_time_goes_on(tmp_path, engine):
    """The emulation thread's processor time cannot exceed the share, however busy the host is."""
    machine = TinyPc(tmp_path, LOOP, engine=engine, execution_cap=3)
    vm = machine.vm
    try:
        vm.power_on()

        def capped():
            return vm.statistics()["/EM/CappedTime"][0] > 0

        # A busy host gives the thread less than its share at times, and then nothing is capped.
        machine.wait_for(lambda: machine.count > 0 and capped(), timeout=30)

        def clocks():
            used, now = vm.emt.call(lambda: (time.thread_time_ns(), vm.time.now()))
            return used, now, machine.count

        used, now, count = clocks()
        time.sleep(0.5)
        machine.wait_for(lambda: machine.count > count)
        used_after, now_after, count_after = clocks()
        assert used_after - used <= 0.2 * (now_after - now)
        assert now_after - now >= 450_000_000
        work = (count_after - count) / (used_after - used)

        vm.set_execution_cap(100)
        used, now, count = clocks()
        time.sleep(0.2)
        machine.wait_for(lambda: machine.count > count)
        used_after, now_after, count_after = clocks()
        # The same work for the processor time: the cap takes time away, nothing else.
        assert (count_after - count) / (used_after - used) > work / 3
    finally:
        vm.power_off()
