"""Identity, ports in both widths, the address PROM, CSRs, BCRs, transceiver and link, reset."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.devices.pcnet import controller, phy
from engine.devices.pcnet import registers as r
from engine.errors import ConfigurationError
from engine.pdm import NetworkAdapter, ResetKind
from engine.pdm.mii import STATUS_LINK
from tests.engine.devices.pcnet.rig import BAR, BLOCK, IO, MAC, Rig


@pytest.fixture
def rig():
    return Rig()


@pytest.mark.parametrize(
    ("model", "revision", "part"), [("Am79C970A", 0x10, 0x2621), ("Am79C973", 0x40, 0x2625)]
)
def test_models_differ_in_identity(model, revision, part):
    rig = Rig(model=model)
    assert rig.config.read(0) == 0x20001022
    assert rig.config.read(8) == 0x02000000 | revision
    chip = rig.csr(r.CHIP_HIGH) << 16 | rig.csr(r.CHIP_LOW)
    assert (chip >> 12 & 0xFFFF, chip & 0xFFF) == (part, 0x003)
    rig.nic.reset(ResetKind.HARD)
    assert rig.config.read(8) & 0xFF == revision


def test_base_address_registers(rig):
    rig.config.write(0x10, 0xFFFFFFFF)
    rig.config.write(0x14, 0xFFFFFFFF)
    assert rig.config.read(0x10) == 0xFFFFFFE1
    assert rig.config.read(0x14) & 0xF == 0


def test_a_bad_address_is_refused():
    with pytest.raises(ConfigurationError, match="'08' is not twelve hexadecimal digits"):
        Rig(mac="08")


def test_the_address_prom(rig):
    prom = bytes(rig.bench.ports.read(IO + n, 1) for n in range(16))
    assert prom[:6] == MAC
    assert prom[14:] == b"WW"
    assert int.from_bytes(prom[12:14], "little") == sum(prom[:12]) + sum(prom[14:])
    assert rig.inw(2) == int.from_bytes(MAC[2:4], "little")
    assert [rig.csr(r.PADR + n) for n in range(3)] == [0x0008, 0x1227, 0x5634]
    rig.outw(0, 0xFFFF)
    assert rig.inw(0) == 0x0008  # locked
    rig.bcr(r.MISC, r.APROMWE)
    rig.outw(0, 0xFFFF)
    assert rig.inw(0) == 0xFFFF


def test_ports_in_words_and_after_a_switch_in_doublewords(rig):
    rig.inw(r.WORD_RESET)
    assert rig.csr(r.STATUS) == r.STOP
    rig.outw(r.WORD_RAP, 88)
    assert rig.inw(r.WORD_RAP) == 88
    rig.bench.outl(IO + r.RDP, 0)
    assert rig.inw(r.WORD_RAP) == 0xFFFF
    rig.bench.outl(IO + r.DWORD_RAP, r.BURST)
    assert rig.bench.inl(IO + r.DWORD_BDP) == 0x9001 | r.DWIO
    rig.bench.inl(IO + r.DWORD_RESET)
    assert rig.bench.inl(IO + r.DWORD_RAP) == 0
    assert rig.bench.inl(IO + r.RDP) == r.STOP
    rig.nic.reset(ResetKind.HARD)
    assert not rig.nic.state.dword_io


def test_the_memory_window_is_the_ports(rig):
    window = rig.nic.register_space.range
    assert window.base == BAR
    window.write(r.WORD_RAP, r.CHIP_LOW, 2)
    assert window.read(r.RDP, 2) == 0x5003


def test_software_styles_tell_their_structures(rig):
    assert rig.bcr(r.SOFTWARE_STYLE) == 0x0200
    for style, value in ((0, 0x200), (1, 0x101), (2, 0x302), (3, 0x303), (4, 0x204)):
        rig.bcr(r.SOFTWARE_STYLE, style)
        assert rig.bcr(r.SOFTWARE_STYLE) == rig.csr(r.STYLE) == value
    rig.csr(r.STYLE, 3)
    assert rig.bcr(r.SOFTWARE_STYLE) == 0x303


@pytest.mark.parametrize("style", [0, 2, 3])
@pytest.mark.parametrize("log", [0, 3, 7])
def test_the_initialization_block(style, log):
    rig = Rig(style=style).initialize(mode=0x8000, log=log, filter_=bytes(range(8)))
    assert rig.csr(r.STATUS) == r.INIT | r.IDON | r.INTR
    assert not rig.irq  # IENA is off
    rig.csr(r.STATUS, r.IENA)
    assert rig.irq
    assert rig.csr(r.MODE) == 0x8000
    assert [rig.csr(r.LADRF + n) for n in range(4)] == [0x0100, 0x0302, 0x0504, 0x0706]
    assert 0x10000 - rig.csr(r.RX_LENGTH) == 0x10000 - rig.csr(r.TX_LENGTH) == 1 << log
    assert rig.csr(r.TX_COUNTER) == 1 << log
    assert rig.csr(r.RX_BASE + 1) << 16 | rig.csr(r.RX_BASE) == 0x202000
    assert rig.csr(r.TX_BASE + 1) << 16 | rig.csr(r.TX_BASE) == 0x201000
    rig.csr(r.STATUS, r.IDON | r.IENA)
    assert not rig.irq
    rig.csr(r.STATUS, r.STOP)
    assert rig.csr(r.STATUS) == r.STOP


def test_a_block_outside_memory_is_a_memory_error(rig):
    rig.csr(r.IADR_HIGH, 0xE000)
    rig.csr(r.STATUS, r.INIT | r.IENA)
    assert rig.csr(r.STATUS) & (r.MERR | r.ERR | r.IDON) == r.MERR | r.ERR
    assert rig.irq


def test_without_bus_mastering_nothing_is_read(rig):
    rig.config.write(0x04, 3, 2)
    rig.initialize()
    assert rig.csr(r.STATUS) & (r.MERR | r.IDON) == r.MERR


def test_setup_registers_are_locked_while_the_chip_runs(rig):
    rig.start()
    rig.csr(r.LADRF, 0x1234)
    assert rig.csr(r.LADRF) == 0
    assert rig.nic.guest_errors == 1
    rig.csr(r.EXTENDED, r.SPND)
    assert rig.csr(r.EXTENDED) & r.SPND
    rig.csr(r.LADRF, 0x1234)
    rig.csr(r.EXTENDED, 0)
    assert rig.csr(r.LADRF) == 0x1234
    assert rig.csr(r.STATUS) & (r.TXON | r.RXON) == r.TXON | r.RXON


def test_counters_can_be_set(rig):
    rig.initialize()
    rig.csr(r.STATUS, r.STOP)
    rig.csr(r.RX_COUNTER, 5)
    rig.csr(r.TX_COUNTER, 6)
    assert (rig.nic.state.receive, rig.nic.state.transmit) == (3, 2)
    assert (rig.csr(r.RX_COUNTER), rig.csr(r.TX_COUNTER)) == (5, 6)


def test_software_interrupt(rig):
    rig.csr(r.STATUS, r.IENA)
    rig.csr(r.FEATURES, r.FEATURES_DEFAULT | r.UINTCMD)
    assert rig.irq
    assert rig.csr(r.FEATURES) == r.FEATURES_DEFAULT | r.UINT
    rig.csr(r.FEATURES, r.FEATURES_DEFAULT | r.UINT)
    assert not rig.irq


def test_software_reset_spares_configuration_and_addresses(rig):
    rig.start()
    rig.inw(r.WORD_RESET)
    assert rig.csr(r.STATUS) == r.STOP
    assert rig.csr(r.FEATURES) == r.FEATURES_DEFAULT
    assert rig.bcr(r.SOFTWARE_STYLE) == 0x302
    assert rig.csr(r.PADR) == 0x0008
    assert rig.csr(r.IADR_HIGH) == BLOCK >> 16
    assert not rig.irq


# -- link


def test_the_transceiver_has_a_link(rig):
    assert (rig.mii(phy.ID1), rig.mii(phy.ID2)) == (0x0000, 0x6B60)
    assert rig.mii(phy.ID1, address=0) == phy.NOBODY
    rig.mii(phy.STATUS)
    assert rig.mii(phy.STATUS) & STATUS_LINK
    assert rig.mii(phy.PARTNER) & 0x0100  # 100 Mbit/s, full duplex
    assert rig.bcr(r.LED0) & r.LEDOUT


def test_the_cable_goes_and_comes(rig):
    rig.mii(phy.STATUS)
    rig.nic.set_cable(False)
    assert not rig.mii(phy.STATUS) & STATUS_LINK
    assert not rig.bcr(r.LED0) & r.LEDOUT
    rig.nic.set_cable(True)
    assert not rig.mii(phy.STATUS) & STATUS_LINK
    rig.bench.advance(controller.NEGOTIATION_NS)
    rig.mii(phy.STATUS)
    assert rig.mii(phy.STATUS) & STATUS_LINK


def test_the_transceiver_can_be_switched_off(rig):
    rig.mii(phy.CONTROL, phy.CONTROL_POWER_DOWN)
    assert not rig.nic.carrier
    rig.mii(phy.CONTROL, phy.CONTROL_RESET)
    rig.bench.advance(controller.NEGOTIATION_NS)
    assert rig.nic.carrier
    assert rig.mii(phy.CONTROL) == 0x3100
    rig.mii(phy.ID2, 0)
    assert rig.mii(phy.ID2) == 0x6B60


def test_the_older_chip_has_a_lamp_and_no_management_interface():
    rig = Rig(model="Am79C970A")
    assert rig.bcr(r.LED0) == 0x80C0
    assert rig.bcr(r.MII_ADDRESS) == 0
    assert rig.mii(phy.STATUS) == 0
    rig.nic.set_cable(False)
    assert rig.bcr(r.LED0) == 0x00C0
    rig.bcr(r.LED0, 0x0010)
    assert rig.bcr(r.LED0) == 0x0010


def test_lamps_are_locked_in_the_newer_chip(rig):
    rig.bcr(r.LED0, 0)
    assert rig.bcr(r.LED0) == 0x80C0
    rig.bcr(r.MISC, r.LEDPE)
    rig.bcr(r.LED0, 0)
    assert rig.bcr(r.LED0) == 0


def test_machine_reset_starts_over(rig):
    rig.start()
    rig.nic.reset(ResetKind.SOFT)
    assert rig.csr(r.STATUS) & r.RXON
    rig.nic.reset(ResetKind.HARD)
    assert rig.config.read(0x10) == 1
    assert rig.nic.read_csr(r.STATUS) == r.STOP
    assert rig.nic.carrier


def test_the_adapter_offers_its_interfaces_and_tells_about_itself(rig):
    assert isinstance(rig.nic, NetworkAdapter)
    text = rig.start().nic.info()
    assert "Am79C973 08:00:27:12:34:56 link up, cable connected" in text
    assert "tx: base=0x201000 length=8 current=0" in text


# -- saved states


@pytest.mark.parametrize("config", [{"cable": False}, {"link": False}])
def test_a_saved_state_meets_another_cable(rig, config):
    other = Rig(**config)
    other.nic.state = rig.nic.state
    other.nic.state_loaded(1)
    assert not other.nic.carrier


def test_a_saved_state_keeps_a_negotiation(rig):
    rig.nic.set_cable(False)
    rig.nic.set_cable(True)
    packed = msgspec.msgpack.encode(rig.nic.state_to_save())
    other = Rig()
    other.nic.state = msgspec.msgpack.decode(packed, type=type(rig.nic.state))
    other.nic.state_loaded(1)
    assert not other.nic.carrier
    other.bench.advance(controller.NEGOTIATION_NS)
    assert other.nic.carrier


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.booleans(), st.booleans(), st.integers(0, 31), st.integers(0, 0xFFFFFFFF),
            st.sampled_from([1, 2, 4]),
        ), max_size=60,
    )
)  # fmt: skip
def test_random_register_accesses(accesses):
    rig = Rig().start()
    for memory, write, offset, value, size in accesses:
        offset &= ~(size - 1)
        value &= (1 << 8 * size) - 1
        block = rig.nic.register_space.range if memory else rig.nic.io_ports.range
        if write:
            block.write(offset, value, size)
        else:
            assert 0 <= block.read(offset, size) < 1 << 8 * size
    rig.bench.advance(controller.LAST_POLL_NS)
