"""RAM in a saved state: equal after the journey, small on the way."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import SavedStateError
from engine.ssm import pages
from engine.ssm.file import Header, StateReader, StateWriter, Unit

PAGE = 4096


def journey(path, ram, size=None):
    captured = pages.CapturedPages(ram)
    told = []
    with StateWriter(str(path), Header()) as writer:
        captured.write(writer, told.append)
        writer.commit()
    assert told == sorted(told)
    assert told[-1] == 1.0
    target = np.zeros(len(ram) if size is None else size, dtype=np.uint8)
    loader = pages.PageLoader(target)
    with StateReader(str(path)) as reader:
        for unit in reader.units():
            loader.take(unit)
    loader.finish()
    return target


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 5), min_size=1, max_size=40), st.integers(0, 2))
def test_all_pages_arrive(tmp_path_factory, kinds, padding):
    """Few kinds of pages: zeros, and repetitions in every order."""
    count = len(kinds) + padding * pages.GROUP
    ram = np.zeros(count * PAGE, dtype=np.uint8)
    for number, kind in enumerate(kinds):
        ram[number * PAGE + 7 * kind] = kind
        ram[(number + 1) * PAGE - 1] = kind * 40
    path = tmp_path_factory.getbasetemp() / "ram.sav"
    assert np.array_equal(journey(path, ram), ram)


def test_random_memory_arrives(tmp_path):
    ram = np.random.default_rng(5).integers(0, 256, 5 << 20, dtype=np.uint8)
    assert np.array_equal(journey(tmp_path / "x", ram), ram)


def test_zero_and_repeated_pages_cost_nearly_nothing(tmp_path):
    ram = np.zeros(32 << 20, dtype=np.uint8)
    page = np.random.default_rng(1).integers(0, 256, PAGE, dtype=np.uint8)
    for number in range(0, 2000, 2):
        ram[number * PAGE : (number + 1) * PAGE] = page
    path = tmp_path / "x"
    assert np.array_equal(journey(path, ram), ram)
    assert path.stat().st_size < 40_000


def test_pages_with_equal_hashes_are_compared(tmp_path, monkeypatch):
    monkeypatch.setattr(pages, "_hash", lambda found: np.zeros(len(found), dtype=np.uint64))
    ram = np.random.default_rng(2).integers(0, 256, 16 * PAGE, dtype=np.uint8)
    ram[3 * PAGE : 4 * PAGE] = ram[:PAGE]
    assert np.array_equal(journey(tmp_path / "x", ram), ram)


def test_another_size_of_memory_is_refused(tmp_path):
    ram = np.ones(4 << 20, dtype=np.uint8)
    with pytest.raises(SavedStateError, match="do not fit a machine with"):
        journey(tmp_path / "x", ram, size=2 << 20)
    with pytest.raises(SavedStateError, match="Only 1024 of 2048"):
        journey(tmp_path / "x", ram, size=8 << 20)


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=200), st.integers(0, 2), st.integers(0, 12))
def test_hostile_groups_give_typed_errors(content, version, first):
    loader = pages.PageLoader(np.zeros(8 * PAGE, dtype=np.uint8))
    data = first.to_bytes(8, "little") + (8).to_bytes(4, "little") + content
    try:
        loader.take(Unit("ram", version, data))
        loader.finish()
    except SavedStateError:
        return
    assert (version, first, len(content)) == (1, 0, 8)


def test_cancelling_leaves_no_file(tmp_path):
    captured = pages.CapturedPages(np.ones(16 << 20, dtype=np.uint8))

    def cancel(share):
        raise InterruptedError

    path = tmp_path / "x"
    with pytest.raises(InterruptedError), StateWriter(str(path), Header()) as writer:
        captured.write(writer, cancel)
    assert list(tmp_path.iterdir()) == []
