"""The register file: identity, EEPROM, PHY, link, interrupts, reset."""

import struct

import pytest

from engine.devices.e1000 import eeprom, phy
from engine.devices.e1000 import registers as r
from engine.errors import ConfigurationError
from engine.pdm import NetworkAdapter, NetworkLink, ResetKind
from engine.pdm.mii import STATUS_LINK
from tests.engine.devices.e1000.rig import BAR, IO, MAC, Rig, frame_to


@pytest.fixture
def rig():
    return Rig()


@pytest.mark.parametrize(
    ("model", "device", "subsystem"),
    [("82540EM", 0x100E, 0x001E), ("82543GC", 0x1004, 0x1004), ("82545EM", 0x100F, 0x1001)],
)
def test_models_differ_in_identity(model, device, subsystem):
    rig = Rig(model=model)
    assert rig.config.read(0) == device << 16 | 0x8086
    assert rig.config.read(8) >> 8 == 0x020000
    assert rig.config.read(0x2C) == subsystem << 16 | 0x8086
    words = [_microwire_read(rig, address) for address in range(eeprom.WORDS)]
    assert (words[eeprom.DEVICE_ID], words[eeprom.SUBSYSTEM_ID]) == (device, subsystem)
    assert struct.pack("<3H", *words[:3]) == MAC
    assert sum(words) & 0xFFFF == 0xBABA
    rig.nic.reset(ResetKind.HARD)
    assert rig.config.read(0) == device << 16 | 0x8086


def test_base_address_registers_have_the_sizes_of_the_data_sheet(rig):
    rig.config.write(0x10, 0xFFFFFFFF)
    rig.config.write(0x18, 0xFFFFFFFF)
    assert rig.config.read(0x10) == 0xFFFE0000
    assert rig.config.read(0x18) == 0xFFFFFFF9


def test_a_bad_address_is_refused():
    with pytest.raises(ConfigurationError, match="'08:00' is not twelve hexadecimal digits"):
        Rig(mac="08:00")


def test_the_adapter_offers_its_interfaces(rig):
    assert isinstance(rig.nic, NetworkAdapter)
    assert isinstance(rig.link, NetworkLink)


# -- EEPROM


def _eeprom_word(rig, address):
    rig[r.EERD] = address << 8 | r.EERD_START
    assert rig[r.EERD] & r.EERD_DONE
    return rig[r.EERD] >> 16


def _microwire_read(rig, address):
    """Read a word bit by bit, as drivers do."""
    rig[r.EECD] = eeprom.EECD_REQ
    assert rig[r.EECD] & eeprom.EECD_GNT
    select = eeprom.EECD_REQ | eeprom.EECD_CS
    rig[r.EECD] = select

    def clock(bit):
        data = eeprom.EECD_DI if bit else 0
        rig[r.EECD] = select | data
        rig[r.EECD] = select | data | eeprom.EECD_SK
        out = bool(rig[r.EECD] & eeprom.EECD_DO)
        rig[r.EECD] = select | data
        return out

    for n in reversed(range(9)):
        dummy = clock((0b110 << 6 | address) >> n & 1)
    assert not dummy
    word = 0
    for _ in range(16):
        word = word << 1 | clock(0)
    rig[r.EECD] = 0
    return word


def test_eeprom_holds_address_and_checksum(rig):
    words = [_eeprom_word(rig, n) for n in range(64)]
    assert b"".join(word.to_bytes(2, "little") for word in words[:3]) == MAC
    assert sum(words) & 0xFFFF == 0xBABA
    assert _eeprom_word(rig, 64) == 0xFFFF


def test_eeprom_is_the_same_bit_by_bit(rig):
    assert rig[r.EECD] & eeprom.EECD_PRES
    for address in (0, 1, 2, 0x0A, 0x3F):
        assert _microwire_read(rig, address) == _eeprom_word(rig, address)


def test_the_first_receive_address_comes_from_the_eeprom(rig):
    assert rig[r.RAL0] == int.from_bytes(MAC[:4], "little")
    assert rig[r.RAL0 + 4] == r.RAH_AV | int.from_bytes(MAC[4:], "little")


# -- PHY and link


def test_phy_identity_and_wrong_address(rig):
    assert rig.phy_read(phy.ID1) << 16 | rig.phy_read(phy.ID2) == 0x01410C20
    rig[r.MDIC] = r.MDIC_READ << 26 | 2 << 21
    assert rig[r.MDIC] & r.MDIC_ERROR


def test_mdic_interrupts_when_asked(rig):
    rig[r.MDIC] = r.MDIC_INTERRUPT | r.MDIC_READ << 26 | 1 << 21
    assert rig[r.ICR] & r.INT_MDAC


def test_the_link_comes_up_after_negotiation(rig):
    assert not rig[r.STATUS] & r.STATUS_LU
    rig[r.IMS] = r.INT_LSC
    rig.bench.advance(phy.NEGOTIATION_NS)
    assert rig.irq
    assert rig[r.ICR] == r.INT_LSC
    assert not rig.irq
    assert rig[r.STATUS] & r.STATUS_LU
    assert not rig.phy_read(phy.STATUS) & STATUS_LINK  # it has been down
    assert rig.phy_read(phy.STATUS) & STATUS_LINK
    assert rig.phy_read(phy.SPECIFIC_STATUS) == 0xAC00


@pytest.mark.parametrize("config", [{"cable": False}, {"link": False}])
def test_without_a_partner_there_is_no_link(config):
    rig = Rig(**config)
    rig.bench.advance(10 * phy.NEGOTIATION_NS)
    assert not rig[r.STATUS] & r.STATUS_LU
    assert rig.phy_read(phy.GIGABIT_STATUS) == 0


def test_the_cable_is_pulled_and_plugged_in_again(rig):
    rig.link_up()
    rig[r.IMS] = r.INT_LSC
    rig.nic.set_cable(False)
    assert rig.irq
    assert not rig[r.STATUS] & r.STATUS_LU
    assert rig[r.ICR] == r.INT_LSC
    rig.nic.set_cable(True)
    rig.bench.advance(phy.NEGOTIATION_NS)
    assert rig.irq
    assert rig[r.STATUS] & r.STATUS_LU


def test_another_attachment_while_running(rig):
    rig.link_up()
    before = rig.bench.set.attach("e1000/0", 0, None)
    assert before is rig.link
    assert rig.link.receiver is None
    assert not rig[r.STATUS] & r.STATUS_LU
    rig.bench.set.attach("e1000/0", 0, rig.link)
    rig.link_up()
    assert rig.link.receiver is not None


def test_phy_reset_and_power_down_drop_the_link(rig):
    rig.link_up()
    rig.phy_write(phy.CONTROL, phy.CONTROL_RESET)
    assert not rig[r.STATUS] & r.STATUS_LU
    assert not rig.phy_read(phy.CONTROL) & phy.CONTROL_RESET
    rig.link_up()
    rig.phy_write(phy.CONTROL, phy.CONTROL_POWER_DOWN)
    rig.bench.advance(10 * phy.NEGOTIATION_NS)
    assert not rig[r.STATUS] & r.STATUS_LU
    rig.phy_write(phy.CONTROL, 0x1140)
    rig.link_up()
    rig[r.CTRL] = rig[r.CTRL] | r.CTRL_PHY_RST
    assert not rig[r.CTRL] & r.CTRL_PHY_RST
    assert not rig[r.STATUS] & r.STATUS_LU


class BitBanger:
    """How drivers reach the PHY of the 82543: each bit by pins 2 and 3 of CTRL."""

    MDC_OUT = 1 << 25

    def __init__(self, rig):
        self.rig = rig

    def _clock(self, ctrl):
        self.rig[r.CTRL] = ctrl
        self.rig[r.CTRL] = ctrl | r.CTRL_MDC
        level = bool(self.rig[r.CTRL] & r.CTRL_MDIO)
        self.rig[r.CTRL] = ctrl
        return level

    def _out(self, value, count):
        for n in reversed(range(count)):
            bit = r.CTRL_MDIO if value >> n & 1 else 0
            self._clock(self.MDC_OUT | r.CTRL_MDIO_OUT | bit)

    def read(self, register, address=1):
        self._out(0xFFFFFFFF, 32)
        self._out(0b01 << 12 | 0b10 << 10 | address << 5 | register, 14)
        self._clock(self.MDC_OUT)
        value = 0
        for _ in range(16):
            value = value << 1 | self._clock(self.MDC_OUT)
        self._clock(self.MDC_OUT)
        return value

    def write(self, register, value):
        self._out(0xFFFFFFFF, 32)
        head = 0b01 << 30 | 0b01 << 28 | 1 << 23 | register << 18 | 0b10 << 16
        self._out(head | value, 32)


def test_the_82543_has_its_phy_on_pins():
    rig = Rig(model="82543GC").link_up()
    pins = BitBanger(rig)
    assert pins.read(phy.ID1) << 16 | pins.read(phy.ID2) == 0x01410C50
    assert pins.read(phy.ID1, address=5) == 0xFFFF
    pins.write(phy.ADVERTISED, 0x0DE1)
    assert pins.read(phy.ADVERTISED) == 0x0DE1
    pins.write(phy.CONTROL, phy.CONTROL_RESET)
    assert not rig[r.STATUS] & r.STATUS_LU


# -- interrupts


def test_masked_causes_wait(rig):
    rig[r.ICS] = r.INT_RXT0
    assert not rig.irq
    rig[r.IMS] = r.INT_RXT0 | r.INT_TXDW
    assert rig.irq
    rig[r.IMC] = r.INT_RXT0
    assert not rig.irq
    assert rig[r.IMS] == r.INT_TXDW
    rig[r.IMS] = r.INT_RXT0
    rig[r.ICR] = r.INT_RXT0  # a 1 clears
    assert not rig.irq
    assert rig[r.ICR] == 0


# -- register space


def test_registers_through_ports(rig):
    rig.bench.outl(IO, r.VET)
    assert rig.bench.inl(IO + 4) == 0x8100
    rig.bench.outl(IO + 4, 0x88A8)
    assert rig[r.VET] == 0x88A8
    assert rig.bench.inl(IO) == r.VET


def test_partial_writes_are_the_guests_mistake(rig):
    rig.nic.register_space.range.write(r.IMS, 0xFF, 1)
    assert rig[r.IMS] == 0
    assert rig.nic.guest_errors == 1
    assert rig.read_bytes(r.VET + 1, 1) == b"\x81"


def test_tables_hold_what_is_written(rig):
    for register in (r.MTA, r.MTA + 4 * 127, r.RAL0 + 8, r.VFTA + 4 * 5):
        rig[register] = 0x80000001
        assert rig[register] == 0x80000001
    assert rig[0x1FFFC] == 0


def test_software_reset_spares_the_phy(rig):
    rig.link_up()
    rig[r.IMS], rig[r.RCTL], rig[r.RAL0] = r.INT_LSC, r.RCTL_EN, 0
    rig[r.CTRL] = r.CTRL_RST
    assert rig[r.IMS] == 0
    assert rig[r.RCTL] == 0
    assert rig[r.RAL0] == int.from_bytes(MAC[:4], "little")
    assert rig[r.STATUS] & r.STATUS_LU
    assert rig.config.read(0x10) == BAR


def test_machine_reset_starts_over(rig):
    rig.link_up()
    rig.start_receiver()
    rig.nic.reset(ResetKind.HARD)
    assert rig.config.read(0x10) == 0
    assert not rig.nic.state.phy.link
    rig.arrive(frame_to())  # nobody listens
    assert rig.nic.traffic().frames_received == 0


def test_the_debugger_sees_the_adapter(rig):
    text = rig.link_up().nic.info()
    assert "82540EM 08:00:27:12:34:56 link up, cable connected" in text
    assert "rx: base=0x0" in text


def test_statistics_for_lamps(rig):
    rig.link_up().start_transmitter().send(frame_to(b"\xff" * 6))
    rows = {path: value for path, value, _ in rig.bench.set.statistics()}
    assert rows["/Public/NetAdapter/0/BytesTransmitted"] == 60
    assert rows["/Public/NetAdapter/0/FramesTransmitted"] == 1
    assert rows["/Public/NetAdapter/0/BytesReceived"] == 0
