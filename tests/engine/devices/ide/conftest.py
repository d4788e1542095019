"""A disk of 4 MiB with a pattern on it, alone on its cable."""

import pytest

from tests.engine.devices.ide.rig import MemoryMedium, Rig, pattern


@pytest.fixture
def medium():
    medium = MemoryMedium(4 << 20)
    medium.data[:] = pattern(4 << 20)
    return medium


@pytest.fixture
def rig(medium):
    return Rig(medium)
