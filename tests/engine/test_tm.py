from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.tm import FIRST_SWEEP, TimeManager


class Clock:
    def __init__(self):
        self.host = 1_000_000
        self.manager = TimeManager(lambda: self.host, lambda: 5 * self.host)
        self.fired = []

    def timer(self, name, action=None):
        def fire():
            self.fired.append(name)
            if action:
                action()

        return self.manager.create_timer(name, fire)


def running():
    clock = Clock()
    clock.manager.resume()
    return clock


def test_virtual_time_starts_at_zero_and_stands_until_resumed():
    clock = Clock()
    clock.host += 500
    assert (clock.manager.now(), clock.manager.running) == (0, False)
    clock.manager.resume()
    clock.host += 7
    assert (clock.manager.now(), clock.manager.running) == (7, True)


def test_a_pause_holds_virtual_time_but_not_the_wall_clock():
    clock = running()
    clock.host += 10
    clock.manager.pause()
    clock.host += 1000
    assert clock.manager.now() == 10
    clock.manager.pause()
    clock.manager.resume()
    clock.manager.resume()
    clock.host += 5
    assert clock.manager.now() == 15
    assert clock.manager.utc_now() == 5 * clock.host


def test_timers_fire_in_order_and_once():
    clock = running()
    for name, deadline in (("c", 30), ("a", 10), ("b", 20), ("b2", 20)):
        clock.timer(name).arm(deadline)
    assert clock.manager.next_deadline() == 10
    assert not clock.manager.run_due()
    clock.host += 20
    assert clock.manager.run_due()
    assert clock.fired == ["a", "b", "b2"]
    assert not clock.manager.run_due()
    assert clock.manager.next_deadline() == 30


def test_rearming_replaces_the_deadline():
    clock = running()
    timer = clock.timer("t")
    timer.arm(10)
    timer.arm(50)
    assert clock.manager.next_deadline() == 50
    clock.host += 20
    clock.manager.run_due()
    assert clock.fired == []
    timer.arm(5)
    clock.manager.run_due()
    assert clock.fired == ["t"]
    assert timer.deadline is None


def test_rearming_for_the_same_time_fires_once():
    clock = running()
    timer = clock.timer("t")
    for _ in range(3):
        timer.arm(10)
    clock.host += 10
    clock.manager.run_due()
    clock.manager.run_due()
    assert clock.fired == ["t"]


def test_a_callback_may_cancel_or_move_a_timer_that_is_due_too():
    clock = running()
    cancelled, moved = clock.timer("cancelled"), clock.timer("moved")
    clock.timer("first", lambda: (cancelled.cancel(), moved.arm(100))).arm(1)
    cancelled.arm(2)
    moved.arm(3)
    clock.host += 10
    clock.manager.run_due()
    assert clock.fired == ["first"]
    assert clock.manager.next_deadline() == 100


def test_a_callback_that_lags_behind_does_not_keep_run_due():
    clock = running()
    timer = clock.timer("t", lambda: timer.arm(1))
    timer.arm(1)
    clock.host += 1000
    assert clock.manager.run_due()
    assert clock.fired == ["t"]
    assert clock.manager.run_due()
    assert clock.fired == ["t", "t"]


def test_earlier_deadlines_are_told():
    clock = running()
    told = []
    clock.manager.on_earlier_deadline = told.append
    clock.timer("a").arm(100)
    clock.timer("b").arm(200)
    clock.timer("c").arm_in(50)
    assert told == [100, 50]


def test_the_queue_stays_small_when_timers_are_rearmed_very_often():
    clock = running()
    often, rare = clock.timer("often"), clock.timer("rare")
    rare.arm(10**9)
    for n in range(100_000):
        often.arm(10**12 - n if n % 2 else 10**12 + n)
    assert len(clock.manager._queue) <= 2 * FIRST_SWEEP
    clock.host += 10**9
    clock.manager.run_due()
    assert clock.fired == ["rare"]
    assert clock.manager.next_deadline() == often.deadline


ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("arm"), st.integers(0, 5), st.integers(0, 60)),
        st.tuples(st.just("cancel"), st.integers(0, 5)),
        st.tuples(st.just("advance"), st.integers(0, 25)),
    ),
    max_size=60,
)


@settings(max_examples=150, deadline=None)
@given(ACTIONS)
def test_against_a_plain_model(actions):
    clock = running()
    timers = [clock.timer(n) for n in range(6)]
    armed: dict[int, tuple[int, int]] = {}
    expected = []
    for step, (what, *arguments) in enumerate(actions):
        if what == "arm":
            n, delay = arguments
            timers[n].arm_in(delay)
            armed[n] = (clock.manager.now() + delay, step)
        elif what == "cancel":
            timers[arguments[0]].cancel()
            armed.pop(arguments[0], None)
        else:
            clock.host += arguments[0]
            clock.manager.run_due()
            now = clock.manager.now()
            due = sorted((at, n) for n, at in armed.items() if at[0] <= now)
            expected += [n for _, n in due]
            for _, n in due:
                del armed[n]
        assert clock.fired == expected
        deadlines = [at for at, _ in armed.values()]
        assert clock.manager.next_deadline() == (min(deadlines) if deadlines else None)
