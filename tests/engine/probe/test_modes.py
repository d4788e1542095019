"""A guest draws in every mode; the picture is compared with the one that the books promise."""

from __future__ import annotations

import numpy as np
import pytest

from tests.engine.probe.pictures import MODES, draw, set_mode

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", MODES)
def test_every_pixel_is_as_the_guest_has_drawn_it(machine, probe, name):
    mode = MODES[name]
    set_mode(probe, mode)
    expected = draw(probe, mode, seed=list(MODES).index(name) + 1)
    surface = machine.vm.display.open_surface()
    surface.update()
    assert surface.pixels.shape == expected.shape
    wrong = np.argwhere(surface.pixels != expected)
    assert not wrong.size, (
        f"{len(wrong)} of {expected.size} pixels differ, the first at row and column {wrong[0]}: "
        f"{surface.pixels[tuple(wrong[0])]:06x} instead of {expected[tuple(wrong[0])]:06x}"
    )


def test_switching_modes_again_and_again_leaves_nothing_behind(machine, probe):
    """One surface through all kinds of modes, each after a quite different one."""
    surface = machine.vm.display.open_surface()
    names = ["03h", "VBE 800x600x32", "12h", "X 320x240", "VBE 800x600x15", "07h", "04h", "13h"]
    for round_ in range(2):
        for name in names:
            mode = MODES[name]
            set_mode(probe, mode)
            expected = draw(probe, mode, seed=100 + round_)
            surface.update()
            assert np.array_equal(surface.pixels, expected), (round_, name)
