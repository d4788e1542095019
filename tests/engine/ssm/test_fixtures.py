"""States of every released version load in this one; cut and fuzzed ones give a typed error."""

from __future__ import annotations

import random
import tracemalloc

import pytest

from engine.errors import SavedStateError
from engine.ssm import StateReader, StateWriter
from tests.engine.ssm.make_fixture import FIXTURES, MARK, machine

STATES = sorted(FIXTURES.glob("*.sav"))
ADVICE = "convert in Device.STATE_VERSION; an unreleased fixture may be written anew"
EXTREME = (0, 1, 0x7F, 0xFF, 0x7FFFFFFF, 0xFFFFFFFF, 1 << 63, (1 << 64) - 1)


@pytest.fixture
def restored(tmp_path):
    """Function that loads a state into a new machine, which is switched off in the end."""
    made = []

    def load(path, **options):
        pc = machine(tmp_path)
        made.append(pc)
        with StateReader(str(path)) as reader:
            pc.vm.power_on(saved=reader, **options)
        return pc

    yield load
    for pc in made:
        pc.vm.power_off()


def test_there_is_a_state_of_a_version():
    assert STATES


@pytest.mark.parametrize("state", STATES, ids=lambda path: path.stem)
def test_a_state_of_an_older_version_goes_on(restored, state):
    try:
        pc = restored(state)
    except SavedStateError as error:
        pytest.fail(f"{error}\n({ADVICE})")
    assert pc.dword(0x510) == MARK
    ticks, count = pc.dword(0x508), pc.count
    assert ticks > 3
    pc.wait_for(lambda: pc.dword(0x508) > ticks + 3 and pc.count > count)
    assert pc.starts == 1


def test_a_state_that_ends_early_is_refused(restored, tmp_path):
    content = STATES[-1].read_bytes()
    short = tmp_path / "short.sav"
    for kept in (0, 28, len(content) // 3, len(content) * 2 // 3, len(content) - 1):
        short.write_bytes(content[:kept])
        with pytest.raises(SavedStateError):
            restored(short)


def fuzzed(content, choose):
    """Change some bytes of a unit, most of them into what stands for large numbers."""
    changed = bytearray(content)
    for _ in range(choose.randrange(1, 4)):
        at = choose.randrange(len(changed))
        if choose.random() < 0.5:
            changed[at] = choose.randrange(256)
        else:
            number = b"\xcf" + choose.choice(EXTREME).to_bytes(8)  # msgpack: uint 64
            changed[at : at + choose.choice([1, 9])] = number
    return bytes(changed)


@pytest.mark.slow
def test_fuzzed_units_give_typed_errors_and_take_no_memory(restored, tmp_path):
    with StateReader(str(STATES[-1])) as reader:
        header = reader.header
        units = [(unit.name, unit.version, unit.data) for unit in reader.units()]
    names = sorted({name for name, _, _ in units if name not in {"screenshot", "thumbnail"}})
    refused = 0
    for turn in range(2 * len(names)):
        choose = random.Random(turn)
        wanted = names[turn % len(names)]
        with StateWriter(str(tmp_path / "fuzzed.sav"), header) as writer:
            for name, version, data in units:
                content = fuzzed(data, choose) if name == wanted else data
                writer.add(name, version, content)
            writer.commit()
        tracemalloc.start()
        try:
            restored(tmp_path / "fuzzed.sav", paused=True)
        except SavedStateError:
            refused += 1
        finally:
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        assert peak < 200 << 20, wanted
    assert refused > len(names) // 2
