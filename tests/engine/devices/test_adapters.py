"""What every network adapter withstands: malformed frames, floods, cables that change meanwhile."""

import gc
import tracemalloc

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.devices.virtio.net import RECEIVE
from engine.pdm import ResetKind
from engine.pdm.networkhost import WAITING_FRAMES
from tests.engine.devices.e1000.rig import FakeLink, frame_to
from tests.engine.devices.e1000.rig import Rig as E1000Rig
from tests.engine.devices.pcnet.rig import Rig as PcnetRig
from tests.engine.devices.virtio.rig import BUFFERS
from tests.engine.devices.virtio.rig import Rig as VirtioRig

BROADCAST = b"\xff" * 6


def e1000():
    rig = E1000Rig().link_up().start_receiver()
    return rig.bench, rig.nic, rig.link


def pcnet():
    rig = PcnetRig().start()
    return rig.bench, rig.nic, rig.link


def virtio():
    link = FakeLink()
    rig = VirtioRig("virtio-net", {0: link}).start()
    for n in range(4):
        rig.add(RECEIVE, (BUFFERS + 2048 * n, 1526))
    return rig.bench, rig.device, link


ADAPTERS = [e1000, pcnet, virtio]


@pytest.fixture(params=ADAPTERS, ids=lambda make: make.__name__)
def adapter(request):
    return request.param()


@pytest.mark.parametrize("make", ADAPTERS, ids=lambda make: make.__name__)
@settings(max_examples=30, deadline=None)
@given(
    frames=st.lists(
        st.one_of(
            st.binary(max_size=80),
            st.builds(frame_to, st.just(BROADCAST), st.integers(14, 9000), st.integers(0, 0xFFFF)),
            st.builds(bytes, st.integers(0, 70_000)),
        ),
        max_size=12,
    )
)
def test_malformed_frames(make, frames):
    bench, nic, link = make()
    for frame in frames:
        link.receiver(frame)
    bench.advance(0)
    assert nic.traffic().frames_received == sum(len(frame) >= 14 for frame in frames)
    link.receiver(frame_to(BROADCAST))  # it goes on
    bench.advance(0)


def test_a_flood_costs_no_more_than_its_queue(adapter):
    bench, nic, link = adapter
    frame = frame_to(BROADCAST, 1514)
    for _ in range(2 * WAITING_FRAMES):
        link.receiver(frame)
    bench.advance(0)
    assert nic.traffic().frames_received == WAITING_FRAMES
    gc.collect()
    tracemalloc.start()
    try:
        for _ in range(3):
            for _ in range(WAITING_FRAMES):
                link.receiver(bytes(frame))
            bench.advance(0)
        gc.collect()
        left, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert left < 2 * WAITING_FRAMES * len(frame)


def test_frames_of_a_cable_that_was_pulled_are_lost(adapter):
    bench, nic, link = adapter
    link.receiver(frame_to(BROADCAST))
    nic.set_cable(False)
    bench.advance(0)
    assert nic.traffic().frames_received == 0
    bench.set.attach(nic.instance_name, 0, None)
    assert link.receiver is None
    bench.set.attach(nic.instance_name, 0, link)
    nic.set_cable(True)
    bench.advance(10_000_000_000)
    link.receiver(frame_to(BROADCAST))
    bench.advance(0)
    assert nic.traffic().frames_received == 1


def test_a_reset_forgets_what_waits(adapter):
    bench, nic, link = adapter
    link.receiver(frame_to(BROADCAST))
    nic.reset(ResetKind.HARD)
    bench.advance(10_000_000_000)
    assert nic.traffic().frames_received == 0


def test_an_adapter_without_bus_mastering_touches_no_memory(adapter):
    bench, nic, link = adapter
    nic.config_write(0x04, 3, 2)
    before = bench.memory.read(0x200000, 0x30000)
    link.receiver(frame_to(BROADCAST))
    bench.advance(0)
    assert bench.memory.read(0x200000, 0x30000) == before


def test_a_state_while_frames_wait_is_whole(adapter):
    bench, nic, link = adapter
    for _ in range(50):
        link.receiver(frame_to(BROADCAST))
    bench.advance(0)
    packed = msgspec.msgpack.encode(nic.state_to_save())
    nic.state = msgspec.msgpack.decode(packed, type=type(nic.state))
    nic.state_loaded(1)
    link.receiver(frame_to(BROADCAST))
    bench.advance(0)
    assert nic.traffic().frames_received == 51
