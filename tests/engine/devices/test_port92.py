"""Port 92h: A20 and CPU reset."""

import msgspec

from engine.pdm import ResetKind
from tests.engine.bench import Bench, tree


def test_a20_follows_bit_1_and_is_open_after_reset():
    rig = Bench(tree(port92={}))
    assert rig.inb(0x92) == 2
    assert rig.machine.a20_enabled()
    rig.outb(0x92, 0)
    assert not rig.machine.a20_enabled()
    rig.set.reset(ResetKind.SOFT)
    assert rig.machine.a20_enabled()


def test_rising_bit_0_resets_once():
    rig = Bench(tree(port92={}))
    rig.outb(0x92, 3)
    rig.outb(0x92, 3)
    assert rig.machine.resets == [(ResetKind.SOFT, "port 92h")]
    rig.outb(0x92, 2)
    rig.outb(0x92, 1)
    assert len(rig.machine.resets) == 2


def test_state_survives_a_round_trip():
    rig, other = Bench(tree(port92={})), Bench(tree(port92={}))
    rig.outb(0x92, 0xFC)
    device = other.device("port92")
    device.state = msgspec.json.decode(
        msgspec.json.encode(rig.device("port92").state), type=type(device.state)
    )
    device.state_loaded(1)
    assert other.inb(0x92) == 0xFC
    assert not other.machine.a20_enabled()
