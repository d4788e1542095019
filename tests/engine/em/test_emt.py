"""The emulation thread: requests, pauses, timers, interrupts and its end, on the real CPU."""

from __future__ import annotations

import threading
import time
from concurrent.futures import CancelledError

import pytest

from engine.em.emt import EmulationThread
from engine.em.ticker import NEVER, Ticker
from engine.errors import InvalidStateError
from engine.tm import TimeManager
from tests.engine.em.cpubench import CpuBench

MS = 1_000_000
LOOP = "a: inc dword [0x5000]\njmp a"
IDLE = "sti\na: hlt\ninc dword [0x5000]\njmp a"


class FakePic:
    """Hands out one vector and lowers INTR, like an 8259A with a single request."""

    def __init__(self, machine, vector=0x20):
        self.machine, self.vector, self.acknowledged = machine, vector, 0

    def acknowledge(self):
        self.acknowledged += 1
        self.machine.emt.intr_changed(False)
        return self.vector


class Machine:
    """CPU, RAM, clock and EMT; no devices."""

    def __init__(self):
        self.bench = CpuBench()
        self.time = TimeManager()
        self.failures, self.shutdowns = [], []
        self.emt = EmulationThread(
            self.bench.engine, self.time, self.bench.statistics,
            on_reset=self.on_reset, on_failure=self.failures.append,
        )  # fmt: skip
        self.pic = FakePic(self)
        self.emt.controller = self.pic

    def on_reset(self, reason):
        self.shutdowns.append(threading.current_thread().name)
        self.emt.executing = False

    def run(self, source, interrupt="inc dword [0x5004]\niret"):
        bench = self.bench
        bench.protected_mode(0x1000)
        bench.load(0x1000, source)
        bench.load(0x2000, interrupt)
        bench.gate(0x20, 0x2000)
        bench.gate(2, 0x2000)
        self.emt.start()
        self.resume()

    def resume(self):
        def go():
            self.time.resume()
            self.emt.executing = True

        self.emt.call(go)

    def pause(self):
        def hold():
            self.emt.executing = False
            self.time.pause()

        self.emt.call(hold)

    def raise_irq(self):
        self.emt.call(lambda: self.emt.intr_changed(True))

    def wait_for(self, condition, timeout=5.0):
        end = time.perf_counter() + timeout
        while not condition():
            assert time.perf_counter() < end, "it has not happened"
            time.sleep(0.002)

    def count(self, address=0x5000):
        return self.bench.dword(address)


@pytest.fixture
def machine():
    before = set(threading.enumerate())
    made = Machine()
    yield made
    made.emt.stop()
    made.bench.close()
    assert set(threading.enumerate()) <= before


# ------------------------------------------------------------------ requests


def test_requests_are_served_in_order_with_result_and_exception(machine):
    machine.run(LOOP)
    order = []
    futures = [machine.emt.post(lambda n=n: order.append(n) or n) for n in range(50)]
    assert [future.result(5) for future in futures] == list(range(50))
    assert order == list(range(50))
    with pytest.raises(ZeroDivisionError):
        machine.emt.call(lambda: 1 // 0)
    assert machine.failures == []
    assert machine.emt.call(lambda: machine.emt.call(threading.current_thread)).name == "EMT"


def test_requests_from_many_threads_while_the_guest_runs_a_tight_loop(machine):
    """No timer is armed: only the kick of each request can end the run."""
    machine.run(LOOP)
    slowest = []

    def ask():
        for _ in range(100):
            started = time.perf_counter()
            machine.emt.call(lambda: None)
            slowest.append(time.perf_counter() - started)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(slowest) == 400
    assert sorted(slowest)[200] < 0.05


def test_a_kick_that_the_library_loses_is_repeated(machine, monkeypatch):
    """A stop request just before the run starts is forgotten by it."""
    engine = machine.bench.engine
    original, lost = engine.kick, []

    def forgetful():
        if threading.current_thread() is asking and not lost:
            lost.append(1)
            return
        original()

    asking = threading.Thread(target=lambda: machine.emt.call(lambda: None))
    machine.run(LOOP)
    machine.wait_for(lambda: machine.count() > 1000)
    monkeypatch.setattr(engine, "kick", forgetful)
    asking.start()
    asking.join(5)
    assert not asking.is_alive()
    assert lost


def test_requests_while_halted_without_any_timer(machine):
    machine.run("cli\nhlt")
    time.sleep(0.02)
    started = time.perf_counter()
    for _ in range(20):
        machine.emt.call(lambda: None)
    assert time.perf_counter() - started < 1.0  # it sleeps up to a second on its own


def test_an_idle_guest_is_left_alone_by_the_ticker(machine, monkeypatch):
    machine.run("cli\nhlt")
    machine.wait_for(lambda: machine.emt.call(lambda: machine.emt._halted))
    kicks = []
    monkeypatch.setattr(machine.emt._ticker, "_kick", lambda: kicks.append(1))
    time.sleep(0.1)
    assert len(kicks) <= 1


def test_a_failing_told_function_fails_the_machine_once(machine):
    machine.run(LOOP)
    machine.emt.tell(lambda: 1 // 0)
    machine.wait_for(lambda: machine.failures)
    assert [type(error) for error in machine.failures] == [ZeroDivisionError]
    assert not machine.emt.executing


# ------------------------------------------------------------------ time


def test_a_pause_holds_guest_and_virtual_time(machine):
    machine.run(LOOP)
    fired = []
    timer = machine.time.create_timer("test", lambda: fired.append(machine.time.now()))
    machine.emt.call(lambda: timer.arm_in(30 * MS))
    machine.pause()
    now, count = machine.time.now(), machine.count()
    time.sleep(0.06)
    assert (machine.time.now(), machine.count(), fired) == (now, count, [])
    machine.resume()
    machine.wait_for(lambda: fired)
    assert fired[0] >= now
    assert machine.count() > count


def test_timers_end_a_tight_loop_and_fire_in_order(machine):
    machine.run(LOOP)
    fired = []

    def arm():
        now = machine.time.now()
        for delay in (9, 3, 6, 1):
            timer = machine.time.create_timer(
                str(delay), lambda d=delay: fired.append((d, machine.time.now()))
            )
            timer.arm(now + delay * MS)
        return now

    now = machine.emt.call(arm)
    machine.wait_for(lambda: len(fired) == 4)
    assert [delay for delay, _ in fired] == [1, 3, 6, 9]
    assert all(at >= now + delay * MS for delay, at in fired)


def test_a_timer_wakes_a_halted_guest(machine):
    machine.run(IDLE)
    timer = machine.time.create_timer("test", lambda: machine.emt.intr_changed(True))
    machine.emt.call(lambda: timer.arm_in(5 * MS))
    machine.wait_for(lambda: machine.count(0x5004) == 1 and machine.count() == 1)


# ------------------------------------------------------------------ interrupts


def test_an_interrupt_ends_hlt_only_with_if_set(machine):
    machine.run("cli\nhlt\ninc dword [0x5000]\nb: jmp b")
    time.sleep(0.02)
    machine.raise_irq()
    time.sleep(0.03)
    assert (machine.pic.acknowledged, machine.count()) == (0, 0)
    machine.emt.request_nmi()  # opens nothing but runs its handler
    machine.wait_for(lambda: machine.count() == 1)
    assert machine.pic.acknowledged == 0


def test_an_interrupt_reaches_a_running_guest(machine):
    machine.run("sti\n" + LOOP)
    for n in range(1, 20):
        machine.raise_irq()
        machine.wait_for(lambda n=n: machine.count(0x5004) == n)


def test_a_pending_interrupt_waits_for_sti(machine):
    machine.run("mov ecx, 20000000\nb: loop b\nmov eax, [0x5004]\nmov [0x5008], eax\nsti\nnop\n" + LOOP)
    machine.raise_irq()
    machine.wait_for(lambda: machine.count(0x5004) == 1)
    assert machine.count(0x5008) == 0


def test_a_window_of_one_instruction_is_found(machine):
    """Firmware polls with STI; NOP; CLI: the interrupt has to get in between."""
    machine.run("a: mov ecx, 2000\nb: loop b\nsti\nnop\ncli\njmp a")
    for n in range(1, 6):
        machine.raise_irq()
        machine.wait_for(lambda n=n: machine.count(0x5004) == n, timeout=2.0)


def test_a_halted_guest_is_woken_right_behind_sti(machine):
    machine.run("a: cli\nsti\nhlt\ninc dword [0x5000]\njmp a")
    for n in range(1, 50):
        machine.raise_irq()
        machine.wait_for(lambda n=n: machine.count(0x5004) == n)
    assert machine.count() >= 48


# ------------------------------------------------------------------ failures and the end


def test_a_reset_asked_for_inside_an_out_is_done_before_the_next_run(machine):
    bench, seen = machine.bench, []

    def reset():
        seen.append((int(bench.state.eip), machine.count()))
        machine.emt.cpu_was_reset()
        bench.state.eip = 0x3000

    bench.on_out(0x64, lambda value: machine.emt.defer(reset))
    bench.load(0x3000, "mov dword [0x5004], 77\nc: hlt\njmp c")
    machine.run("mov al, 0xFE\nout 0x64, al\na: jmp b\nb: inc dword [0x5000]\nhlt")
    machine.wait_for(lambda: machine.count(0x5004) == 77)
    assert len(seen) == 1
    assert seen[0][1] == 0, "the guest went on behind the block with the OUT"


def test_a_failing_device_is_told_once(machine):
    def broken(value):
        raise ValueError("no such register")

    machine.bench.on_out(0x70, broken)
    machine.run("out 0x70, al\na: jmp a")
    machine.wait_for(lambda: machine.failures)
    time.sleep(0.02)
    assert len(machine.failures) == 1
    assert "no such register" in str(machine.failures[0])
    assert not machine.emt.executing
    assert machine.emt.call(lambda: 5) == 5  # the thread lives


def test_a_failing_timer_is_told_once(machine):
    machine.run(LOOP)
    timer = machine.time.create_timer("test", lambda: 1 // 0)
    machine.emt.call(lambda: timer.arm_in(MS))
    machine.wait_for(lambda: machine.failures)
    assert len(machine.failures) == 1


def test_a_triple_fault_is_told_on_the_emt(machine):
    machine.run("lidt [0x6000]\nud2")
    machine.wait_for(lambda: machine.shutdowns)
    assert machine.shutdowns == ["EMT"]


@pytest.mark.parametrize("source", [LOOP, "cli\nhlt", IDLE])
@pytest.mark.parametrize("paused", [False, True])
def test_the_thread_ends_at_once(machine, source, paused):
    machine.run(source)
    if paused:
        machine.pause()
    time.sleep(0.02)
    started = time.perf_counter()
    machine.emt.stop()
    machine.emt.stop()
    assert time.perf_counter() - started < 0.5
    with pytest.raises(CancelledError):
        machine.emt.post(lambda: 1).result(1)
    with pytest.raises(InvalidStateError, match="switched off"):
        machine.emt.call(lambda: 1)


def test_requests_that_race_with_the_end_are_answered(machine):
    machine.run(LOOP)
    answers = []

    def ask():
        while True:
            try:
                machine.emt.call(lambda: None)
            except InvalidStateError:
                answers.append("off")
                return

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    time.sleep(0.05)
    machine.emt.stop()
    for thread in threads:
        thread.join(5)
    assert answers == ["off"] * 4


def test_the_emt_cannot_end_itself(machine):
    machine.run(LOOP)
    with pytest.raises(InvalidStateError, match="itself"):
        machine.emt.call(machine.emt.stop)


def test_a_thread_that_never_started_can_be_stopped():
    machine = Machine()
    machine.emt.stop()
    machine.bench.close()


# ------------------------------------------------------------------ ticker


def test_the_ticker_kicks_at_the_deadline_and_again_until_disarmed():
    kicks, start = [], time.perf_counter_ns()
    ticker = Ticker(lambda: kicks.append(time.perf_counter_ns() - start),
                    lambda: time.perf_counter_ns() - start)  # fmt: skip
    ticker.start()
    try:
        ticker.arm(20 * MS)
        time.sleep(0.06)
        ticker.disarm()
        assert len(kicks) >= 3
        assert kicks[0] >= 20 * MS
        time.sleep(0.01)
        count = len(kicks)
        time.sleep(0.03)
        assert len(kicks) == count
    finally:
        ticker.stop()


def test_the_ticker_wakes_for_an_earlier_deadline_and_not_for_a_later_one():
    kicks, start = [], time.perf_counter_ns()

    def now():
        return time.perf_counter_ns() - start

    ticker = Ticker(lambda: (kicks.append(now()), ticker.disarm()), now)
    ticker.start()
    try:
        for late, early in ((500, 5), (300, 2), (NEVER // MS, 4)):
            kicks.clear()
            ticker.arm(now() + late * MS)
            time.sleep(0.002)
            wanted = now() + early * MS
            ticker.arm(wanted)
            time.sleep(0.1)
            assert kicks, (late, early)
            assert kicks[0] >= wanted
    finally:
        ticker.stop()
