"""A driver for the EHCI controller in a few lines: queues on both schedules."""

from __future__ import annotations

import struct

from engine.devices.usb import ehci_registers as r
from tests.engine.bench import Bench, tree
from tests.engine.devices.usb.ohcirig import set_address, set_configuration
from tests.engine.vusb.test_storage import Medium

BAR = 0xF000_0000
LIST, QHS, QTDS, BUFFERS = 0x10_0000, 0x11_0000, 0x12_0000, 0x13_0000
MILLISECOND = 1_000_000
DISK, PORT = "disk", 2
END = r.TERMINATE


class EhciRig(Bench):
    """The controller, running, with a disk at port 2 and its companion unless told otherwise."""

    def __init__(self, devices=",,disk", *, companion=True, media=None):
        nodes = {"usb-ehci": {"pci": (11, 0), "devices": devices}}
        if companion:
            nodes["usb-ohci"] = {"pci": (6, 0), "devices": "tablet"}
        self.medium = media or Medium()
        super().__init__(tree(**nodes), attachments={("usb-ehci/0", PORT): self.medium})
        self.hc = self.device("usb-ehci")
        self.ohci = self.device("usb-ohci") if companion else None
        self.hc.config_write(0x10, BAR, 4)
        self.hc.config_write(0x04, 0x06, 2)
        self._next_qtd = QTDS
        self.store(LIST, *[END] * r.FRAMES)
        self.op(r.PERIODICLISTBASE, LIST)
        self.op(r.USBINTR, r.STS_INT | r.STS_ERROR | r.STS_PCD | r.STS_IAA)
        self.op(r.USBCMD, r.CMD_RUN)

    def get(self, offset):
        return self.hc.read_register(r.OPERATIONAL + offset, 4)

    def op(self, offset, value):
        self.hc.write_register(r.OPERATIONAL + offset, value, 4)

    def port(self, number=PORT):
        return self.get(r.PORTSC + 4 * number)

    def put_port(self, value, number=PORT):
        self.op(r.PORTSC + 4 * number, value)

    def words(self, address, count):
        return struct.unpack(f"<{count}I", self.memory.read(address, 4 * count))

    def store(self, address, *values):
        self.memory.write(address, struct.pack(f"<{len(values)}I", *values))

    def take(self):
        """Read and clear USBSTS."""
        status = self.get(r.USBSTS)
        self.op(r.USBSTS, status & r.STS_CLEARED_BY_ONE)
        return status & r.STS_CLEARED_BY_ONE

    def queue_head(self, place, address, endpoint, packet, *, own_toggle=False, masks=0):
        """Make a queue head that is a circle of its own, with nothing in its queue."""
        qh = QHS + 0x40 * place
        flags = address | endpoint << 8 | r.EP_HIGH_SPEED | 0x8000 | packet << 16
        flags |= r.EP_TOGGLE_CONTROL if own_toggle else 0
        link = END if masks else qh | r.TYPE_QH << 1
        self.store(qh, link, flags, masks, 0, END, END, 0, *[0] * 5)
        return qh

    def descriptor(self, pid, buffer=0, length=0, *, following=END, alternate=END, toggle=0):
        """Make a transfer descriptor; return its address."""
        self._next_qtd += 0x20
        pages = [buffer, *((buffer & ~0xFFF) + 0x1000 * n for n in range(1, 5))]
        token = r.QTD_ACTIVE | pid << 8 | r.QTD_ERROR_COUNT | r.QTD_IOC | length << 16
        self.store(self._next_qtd, following, alternate, token | toggle << 31, *pages)
        return self._next_qtd

    def append(self, qh, qtd):
        """Let an idle queue go on with a descriptor."""
        self.store(qh + r.QH_OVERLAY, qtd, END)

    def token(self, qtd):
        return self.words(qtd + r.QTD_TOKEN, 1)[0]

    def run_circle(self, qh, time=MILLISECOND):
        self.op(r.ASYNCLISTADDR, qh)
        self.op(r.USBCMD, r.CMD_RUN | r.CMD_ASE)
        self.advance(time)

    def control(self, address, setup, length=0):
        """Run a control transfer; return the tokens of its stages, and what came in."""
        qh = self.queue_head(0, address, 0, 64, own_toggle=True)
        self.memory.write(BUFFERS, setup)
        incoming = setup[0] & 0x80 and length
        status = self.descriptor(r.PID_OUT if incoming else r.PID_IN, toggle=1)
        stages = [status]
        if length:
            pid = r.PID_IN if incoming else r.PID_OUT
            # A short answer goes on with the status stage, too.
            stages.insert(0, self.descriptor(
                pid, BUFFERS + 0x100, length, following=status, alternate=status, toggle=1,
            ))  # fmt: skip
        stages.insert(0, self.descriptor(r.PID_SETUP, BUFFERS, 8, following=stages[0]))
        self.append(qh, stages[0])
        self.run_circle(qh)
        tokens = [self.token(qtd) for qtd in stages]
        moved = length - (tokens[1] >> 16 & 0x7FFF) if length else 0
        return tokens, self.memory.read(BUFFERS + 0x100, moved)

    def take_ports(self):
        """Route all ports to this controller, and reset ours."""
        self.op(r.CONFIGFLAG, 1)
        self.put_port(r.PORT_PP | r.PORT_RESET)
        self.put_port(r.PORT_PP)

    def enumerate(self, address=5):
        """Give the disk an address and a configuration."""
        self.take_ports()
        assert self.port() & r.PORT_PED
        self.control(0, set_address(address))
        self.control(address, set_configuration())
        self.take()
