import pytest

from tests.engine.em.cpubench import CpuBench


@pytest.fixture
def bench():
    machine = CpuBench()
    yield machine
    machine.close()
