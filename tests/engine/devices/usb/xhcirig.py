"""A driver for the xHCI controller in a few lines: commands, control and interrupt transfers."""

from __future__ import annotations

import struct

from engine.devices.usb import xhci_registers as r
from tests.engine.bench import Bench, tree

BAR = 0xF000_0000
CONTEXTS, COMMANDS, EVENTS, TABLE = 0x10_0000, 0x11_0000, 0x12_0000, 0x13_0000
DEVICE_CONTEXT, INPUT, RINGS, BUFFERS = 0x14_0000, 0x15_0000, 0x16_0000, 0x18_0000
SEGMENT = 64


class XhciRig(Bench):
    """The controller with devices, running, with a command ring and an event ring."""

    def __init__(self, devices="tablet,keyboard,mouse"):
        super().__init__(tree(**{"usb-xhci": {"pci": (12, 0), "devices": devices}}))
        self.hc = self.device("usb-xhci")
        self.hc.config_write(0x10, BAR, 4)
        self.hc.config_write(0x04, 0x06, 2)
        self.tails = {}
        self.event_index, self.event_cycle = 0, 1
        self.op(r.DCBAAP, CONTEXTS)
        self.op(r.DCBAAP_HIGH, 0)
        self.op(r.CRCR, COMMANDS | r.CRCR_CYCLE)
        self.op(r.CRCR_HIGH, 0)
        self.memory.write(TABLE, struct.pack("<QQ", EVENTS, SEGMENT))
        self.rt(r.ERSTSZ, 1)
        self.rt(r.ERDP, EVENTS)
        self.rt(r.ERDP_HIGH, 0)
        self.rt(r.ERSTBA, TABLE)
        self.rt(r.ERSTBA_HIGH, 0)
        self.rt(r.IMAN, r.IMAN_IE)
        self.op(r.USBCMD, r.CMD_RUN | r.CMD_INTE)

    def get(self, offset):
        return self.hc.read_register(offset, 4)

    def put(self, offset, value):
        self.hc.write_register(offset, value, 4)

    def op(self, offset, value):
        self.put(r.OPERATIONAL + offset, value)

    def rt(self, offset, value):
        self.put(r.RUNTIME + offset, value)

    def port(self, number):
        return self.get(r.OPERATIONAL + r.PORTS + 16 * number)

    def put_port(self, number, value):
        self.op(r.PORTS + 16 * number, value)

    def doorbell(self, slot, target):
        self.put(r.DOORBELLS + 4 * slot, target)

    def append(self, ring, parameter, status, control):
        """Append a block to a ring; return its address."""
        at = self.tails.get(ring, ring)
        self.memory.write(at, struct.pack("<QII", parameter, status, control | r.CYCLE))
        self.tails[ring] = at + r.TRB_SIZE
        return at

    def events(self):
        """Take what is on the event ring: (type, code, parameter, rest of status, control)."""
        found = []
        while True:
            at = EVENTS + 16 * self.event_index
            parameter, status, control = struct.unpack("<QII", self.memory.read(at, 16))
            if control & 1 != self.event_cycle:
                break
            kind = control >> 10 & 0x3F
            found.append((kind, status >> 24, parameter, status & 0xFF_FFFF, control))
            self.event_index = (self.event_index + 1) % SEGMENT
            self.event_cycle ^= self.event_index == 0
        self.op(r.USBSTS, r.STS_EINT)
        self.rt(r.IMAN, r.IMAN_IE | r.IMAN_IP)
        self.rt(r.ERDP, EVENTS + 16 * self.event_index | r.ERDP_EHB)
        self.rt(r.ERDP_HIGH, 0)
        return found

    def command(self, kind, parameter=0, control=0):
        """Run a command; return completion code and slot."""
        at = self.append(COMMANDS, parameter, 0, kind << 10 | control)
        self.doorbell(0, 0)
        (event,) = [e for e in self.events() if e[0] == r.EVENT_COMMAND]
        assert event[2] == at
        return event[1], event[4] >> 24

    def ring(self, slot, target):
        return RINGS + (slot * 32 + target) * 0x400

    def input_context(self, add, port, endpoints, drop=0):
        """Write an input context: endpoints as {number: (type, max packet, ring)}."""
        self.memory.write(INPUT, bytes(33 * 32))
        self.memory.write(INPUT, struct.pack("<II", drop, add))
        self.memory.write(INPUT + 32, struct.pack("<II", 1 << 20 | 1 << 27, (port + 1) << 16))
        for number, (kind, packet, ring) in endpoints.items():
            words = struct.pack("<IIQ", 0, kind << 3 | packet << 16, ring | 1)
            self.memory.write(INPUT + 32 * (1 + number), words)

    def enumerate(self, port):
        """Reset a port, address its device and configure its interrupt endpoint; the slot."""
        self.put_port(port, r.PORT_PP | r.PORT_PR)
        self.events()
        code, slot = self.command(r.TRB_ENABLE_SLOT)
        assert code == r.SUCCESS
        self.memory.write(CONTEXTS + 8 * slot, struct.pack("<Q", DEVICE_CONTEXT + 0x400 * slot))
        self.input_context(3, port, {1: (4, 8, self.ring(slot, 1))})
        assert self.command(r.TRB_ADDRESS_DEVICE, INPUT, slot << 24) == (r.SUCCESS, slot)
        self.input_context(9, port, {3: (7, 8, self.ring(slot, 3))})
        assert self.command(r.TRB_CONFIGURE_ENDPOINT, INPUT, slot << 24)[0] == r.SUCCESS
        assert self.control(slot, struct.pack("<BBHHH", 0, 9, 1, 0, 0))[0][1] == r.SUCCESS
        return slot

    def control(self, slot, setup, data=b""):
        """Run a control transfer; return the last event and what came in."""
        ring = self.ring(slot, 1)
        length = setup[6] | setup[7] << 8
        incoming = r.DIRECTION_IN if setup[0] & 0x80 else 0
        setup_word = int.from_bytes(setup, "little")
        self.append(ring, setup_word, 8, r.TRB_SETUP << 10 | r.IDT)
        if length:
            self.memory.write(BUFFERS, data or bytes(length))
            self.append(ring, BUFFERS, length, r.TRB_DATA << 10 | incoming | r.ISP)
        status = 0 if incoming and length else r.DIRECTION_IN
        self.append(ring, 0, 0, r.TRB_STATUS << 10 | status | r.IOC)
        self.doorbell(slot, 1)
        events = [e for e in self.events() if e[0] == r.EVENT_TRANSFER]
        left = events[0][3] if len(events) > 1 else 0
        return events[-1], self.memory.read(BUFFERS, length - left)

    def queue(self, slot, target, buffer, length, control=r.IOC | r.ISP):
        at = self.append(self.ring(slot, target), buffer, length, r.TRB_NORMAL << 10 | control)
        self.doorbell(slot, target)
        return at
