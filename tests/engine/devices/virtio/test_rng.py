"""virtio-rng: random bytes for those who ask, however they ask."""

from __future__ import annotations

import struct

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.devices.virtio import registers as r
from engine.devices.virtio.rng import BURST_REQUESTS, MOST_BYTES
from tests.engine.devices.virtio.rig import BUFFERS, IO, SLOT, Rig

SIZE = 256


def entropy():
    return Rig("virtio-rng")


def asked(rig, size=SIZE):
    rig.add(0, (BUFFERS, size))
    ((_, length),) = rig.used(0)
    return rig.bench.memory.read(BUFFERS, length)


def test_it_is_found_by_old_and_new_drivers():
    rig = entropy()
    assert rig.config.read(0, 4) == 0x10051AF4
    assert rig.config.read(0x2C, 4) == 0x00041AF4
    assert rig.config.read(8, 4) >> 8 == 0x00FF00
    assert rig.device.device_config() == b""


def test_it_fills_buffers_with_bytes_that_do_not_come_again():
    rig = entropy().start(queues=[0])
    first, second = asked(rig), asked(rig)
    assert len(first) == len(second) == SIZE
    assert first != second
    assert len(set(first + second)) > 128  # of 256 values; constant bytes or zeros are not random
    assert rig.irq


def test_the_interrupt_goes_with_the_status():
    rig = entropy().start(queues=[0])
    asked(rig)
    assert rig.read(r.ISR, 1) == r.ISR_QUEUE
    assert not rig.irq


def test_an_answer_is_bounded_and_the_rest_of_the_buffer_stays():
    rig = entropy().start(queues=[0])
    rig.bench.memory.write(BUFFERS, bytes(3 * MOST_BYTES))
    assert len(asked(rig, 3 * MOST_BYTES)) == MOST_BYTES
    assert not any(rig.bench.memory.read(BUFFERS + MOST_BYTES, 2 * MOST_BYTES))


def test_a_buffer_that_may_only_be_read_is_given_back_as_it_is():
    rig = entropy().start(queues=[0])
    rig.add(0, (BUFFERS, b"seed"))
    assert [length for _, length in rig.used(0)] == [0]
    assert rig.bench.memory.read(BUFFERS, 4) == b"seed"


def test_more_requests_than_one_burst_has_go_on_by_a_timer():
    rig = entropy().start(queues=[0], size=64)
    for n in range(BURST_REQUESTS):
        rig.add(0, (BUFFERS + 16 * n, 16), notify=False)
    rig.notify(0)
    assert len(rig.used(0)) == BURST_REQUESTS
    rig.add(0, (BUFFERS, 16), notify=False)  # while the device works, on another processor
    rig.bench.advance(1)
    assert len(rig.used(0)) == 1


def test_the_legacy_interface_serves_too():
    rig = entropy()
    ports = rig.bench.ports
    ports.write(IO + r.OLD_STATUS, r.ACKNOWLEDGE | r.DRIVER, 1)
    ports.write(IO + r.OLD_QUEUE_SELECT, 0, 2)
    size = ports.read(IO + r.OLD_QUEUE_SIZE, 2)
    place = 0x300000
    ports.write(IO + r.OLD_QUEUE_ADDRESS, place // r.OLD_PAGE, 4)
    ports.write(IO + r.OLD_STATUS, r.ACKNOWLEDGE | r.DRIVER | r.DRIVER_OK, 1)
    rig.bench.memory.write(place, struct.pack("<QIHH", BUFFERS, SIZE, 2, 0))
    rig.bench.memory.write(place + 16 * size, struct.pack("<HHH", 0, 1, 0))
    ports.write(IO + r.OLD_QUEUE_NOTIFY, 0, 2)
    used = -(-(place + 18 * size + 6) // r.OLD_PAGE) * r.OLD_PAGE
    assert struct.unpack("<HHII", rig.bench.memory.read(used, 12)) == (0, 1, 0, SIZE)
    assert any(rig.bench.memory.read(BUFFERS, SIZE))


def test_what_was_asked_for_while_the_state_was_saved_is_answered():
    rig = entropy().start(queues=[0])
    asked(rig)
    rig.add(0, (BUFFERS, SIZE), notify=False)
    other = rig.restored()
    other.bench.advance(1)
    assert [length for _, length in other.used(0)] == [SIZE]


def test_senseless_rings_stop_it_until_a_reset():
    rig = entropy().start(queues=[0])
    rig.descriptor(0, 0, 0xFFFF_F000, 64, flags=2)
    rig.make_available(0, 0)
    assert rig.status & r.NEEDS_RESET
    rig.start(queues=[0])
    assert len(asked(rig)) == SIZE


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 0x7FF), st.integers(0, 2**32 - 1)), max_size=30))
def test_random_register_writes_never_raise(writes):
    rig = entropy().start(queues=[0])
    for offset, value in writes:
        rig.write(offset & ~3, value)
        rig.read(offset & ~3)
    assert rig.bench.device("virtio-rng").slot == SLOT
