"""A driver for the OHCI controller in a few lines: control transfers and interrupt transfers."""

from __future__ import annotations

import struct

from engine.devices.usb import ohci_registers as r
from tests.engine.bench import Bench, tree

BAR = 0xF000_0000
HCCA, EDS, TDS, BUFFERS = 0x10_0000, 0x11_0000, 0x12_0000, 0x13_0000
MILLISECOND = 1_000_000
GET_DESCRIPTOR_DEVICE = bytes([0x80, 6, 0, 1, 0, 0, 18, 0])


def set_address(address):
    return struct.pack("<BBHHH", 0, 5, address, 0, 0)


def set_configuration(value=1):
    return struct.pack("<BBHHH", 0, 9, value, 0, 0)


class OhciDriver:
    """The driver, for whoever has ``memory``, ``advance``, and the registers: ``get``, ``put``."""

    def initialize(self):
        self._next_td = TDS
        self.put(r.HC_HCCA, HCCA)
        self.put(r.HC_CONTROL, r.USB_OPERATIONAL | r.CONTROL_PLE | r.CONTROL_CLE | r.CONTROL_BLE)
        self.put(r.HC_INTERRUPT_ENABLE, r.INT_MIE | r.INT_WDH | r.INT_RHSC)

    def port(self, number):
        return self.get(r.HC_RH_PORT_STATUS + 4 * number)

    def put_port(self, number, value):
        self.put(r.HC_RH_PORT_STATUS + 4 * number, value)

    def words(self, address, count):
        return struct.unpack(f"<{count}I", self.memory.read(address, 4 * count))

    def store(self, address, *values):
        self.memory.write(address, struct.pack(f"<{len(values)}I", *values))

    def endpoint(self, place, address, number, packet, direction=0, following=0):
        """Make an endpoint descriptor whose list ends in an empty transfer descriptor."""
        ed = EDS + 0x10 * place
        tail = self.new_td()
        flags = address | number << 7 | direction << 11 | packet << 16
        self.store(ed, flags, tail, tail, following)
        return ed

    def new_td(self):
        self._next_td += 0x20
        return self._next_td

    def queue(self, ed, pid, buffer=0, length=0, *, toggle=0, rounding=True, delay=0):
        """Append a transfer to an endpoint; return the address of its descriptor."""
        tail = self.words(ed, 2)[1]
        following = self.new_td()
        flags = pid << 19 | delay << 21 | toggle << 24 | (r.TD_ROUNDING if rounding else 0)
        flags |= 0xF000_0000
        cursor, end = (buffer, buffer + length - 1) if length else (0, 0)
        self.store(tail, flags, cursor, following, end)
        self.store(ed + 4, following)
        return tail

    def code(self, td):
        return self.words(td, 1)[0] >> 28

    def done(self):
        """Take the done queue; return the descriptors, the first to finish first."""
        (head,) = self.words(HCCA + r.HCCA_DONE_HEAD, 1)
        self.put(r.HC_INTERRUPT_STATUS, r.INT_WDH)
        found = []
        td = head & ~1
        while td:
            found.insert(0, td)
            td = self.words(td, 3)[2]
        return found

    def control(self, address, setup, data=b""):
        """Run a control transfer; return the condition codes and what came in."""
        ed = self.endpoint(0, address, 0, 8)
        self.memory.write(BUFFERS, setup)
        length = setup[6] | setup[7] << 8
        incoming = setup[0] & 0x80
        tds = [self.queue(ed, r.PID_SETUP, BUFFERS, 8, toggle=2)]
        if length:
            self.memory.write(BUFFERS + 0x100, data or bytes(length))
            pid = r.PID_IN if incoming else r.PID_OUT
            tds.append(self.queue(ed, pid, BUFFERS + 0x100, length, toggle=3))
        status = r.PID_OUT if incoming and length else r.PID_IN
        tds.append(self.queue(ed, status, toggle=3))
        self.put(r.HC_CONTROL_HEAD_ED, ed)
        self.put(r.HC_COMMAND_STATUS, r.COMMAND_CLF)
        self.advance(3 * MILLISECOND)
        assert set(self.done()) <= set(tds)
        codes = [self.code(td) for td in tds]
        moved = 0
        if length and codes[1] == 0:
            cursor = self.words(tds[1], 2)[1]
            moved = cursor - (BUFFERS + 0x100) if cursor else length
        return codes, self.memory.read(BUFFERS + 0x100, moved)

    def enumerate(self, port, address):
        """Reset a port and give its device an address and a configuration."""
        self.put_port(port, r.SET_PORT_RESET)
        assert self.port(port) & r.PORT_PES
        assert self.control(0, set_address(address))[0] == [0, 0]
        assert self.control(address, set_configuration())[0] == [0, 0]

    def poll(self, ed, slots=range(0, 32, 8)):
        """Put an endpoint into the periodic schedule."""
        for slot in slots:
            self.store(HCCA + 4 * slot, ed)


class OhciRig(OhciDriver, Bench):
    """The controller with devices, initialized and operational."""

    def __init__(self, devices="tablet,keyboard,mouse"):
        super().__init__(tree(**{"usb-ohci": {"pci": (6, 0), "devices": devices}}))
        self.hc = self.device("usb-ohci")
        self.hc.config_write(0x10, BAR, 4)
        self.hc.config_write(0x04, 0x06, 2)
        self.initialize()

    def get(self, offset):
        return self.hc.read_register(offset, 4)

    def put(self, offset, value):
        self.hc.write_register(offset, value, 4)
