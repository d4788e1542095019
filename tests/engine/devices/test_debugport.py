"""Debug ports and POST codes."""

import pytest

from tests.engine.bench import Bench, tree


class Sink:
    def __init__(self):
        self.data = b""

    def write(self, data):
        self.data += data


@pytest.mark.parametrize(("port", "lun"), [(0x402, 0), (0xE9, 1)])
def test_characters_reach_the_sink(port, lun):
    sink = Sink()
    rig = Bench(tree(debugport={}), attachments={("debugport/0", lun): sink})
    assert rig.inb(port) == 0xE9
    for byte in b"SeaBIOS\n":
        rig.outb(port, byte)
    block = rig.ports.ranges[port].block_write
    assert block(0, 1, b"more") == 4
    assert block(0, 2, b"more") == 0  # words go item by item
    assert sink.data == b"SeaBIOS\nmore"


@pytest.mark.parametrize("port", [0x402, 0xE9])
def test_without_sink_characters_are_dropped(port):
    rig = Bench(tree(debugport={}))
    rig.outb(port, 65)
    assert rig.ports.ranges[port].block_write(0, 1, b"x") == 1


def test_post_codes_come_through_the_dma_page_register():
    rig = Bench(tree(debugport={}, i8237a={}))
    for code in (0x01, 0x13, 0x13, 0x13, 0x7F):
        rig.outb(0x80, code)
    assert rig.inb(0x80) == 0x7F
    assert rig.device("debugport").info() == "POST codes: 01 13 7f"
    for n in range(200):
        rig.outb(0x80, n)
    assert rig.device("debugport").state.post_codes == list(range(136, 200))
