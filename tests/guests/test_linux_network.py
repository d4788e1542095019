"""Linux and its own drivers on each network adapter: link, frames both ways, checksums, a lease."""

from __future__ import annotations

import struct
import time

import pytest

from engine.pcboard import Nic
from tests.guest_images import SUITE_LINUX
from tests.guests.machine import PROMPT

pytestmark = [pytest.mark.guest, pytest.mark.timeout(600)]

BOOT = 240  # seconds
GUEST_IP, OUR_IP = bytes([10, 0, 2, 15]), bytes([10, 0, 2, 2])
OUR_MAC = bytes.fromhex("525400000001")
ARP, IPV4, ICMP, ECHO_REQUEST = 0x0806, 0x0800, 1, 8


class Neighbour:
    """A host on the cable that answers ARP and ICMP echo requests."""

    def __init__(self):
        self.receiver = None
        self.frames = []

    def set_receiver(self, receiver):
        self.receiver = receiver

    def transmit(self, frame):
        self.frames.append(frame)
        kind = int.from_bytes(frame[12:14])
        if kind == ARP and frame[20:22] == b"\0\1" and frame[38:42] == OUR_IP:
            answer = struct.pack(">HHBBH", 1, IPV4, 6, 4, 2) + OUR_MAC + OUR_IP + frame[22:32]
            self.receiver(frame[6:12] + OUR_MAC + frame[12:14] + answer)
        elif kind == IPV4 and frame[23] == ICMP and frame[34] == ECHO_REQUEST:
            swapped = frame[26:30]
            # Exchanged addresses leave the sum as it is; the type is 0 instead of 8.
            total = int.from_bytes(frame[36:38]) + 0x0800
            checksum = ((total & 0xFFFF) + (total >> 16)).to_bytes(2)
            body = frame[14:26] + frame[30:34] + swapped + b"\0\0" + checksum + frame[38:]
            self.receiver(frame[6:12] + OUR_MAC + frame[12:14] + body)


@pytest.mark.parametrize("model", ["82540EM", "82543GC", "82545EM"])
def test_linux_talks_through_an_intel_adapter(machine, guests, model):
    linux = machine(
        cdrom=guests(SUITE_LINUX), boot_order="d", nics=[Nic(model=model, mac="080027123456")]
    )
    neighbour = Neighbour()
    linux.vm.attach("e1000/0", 0, neighbour)
    linux.expect("GUEST-READY", BOOT)
    linux.expect(PROMPT, 30)
    linux.run("insmod /extra/e1000.ko")
    assert "08:00:27:12:34:56" in linux.run("cat /sys/class/net/eth0/address")
    linux.run("ifconfig eth0 10.0.2.15 netmask 255.255.255.0 up")
    _wait_carrier(linux, "1")
    assert "1000" in linux.run("cat /sys/class/net/eth0/speed")
    pings = linux.run("ping -c 3 -s 1400 10.0.2.2")
    assert "3 packets received" in pings
    assert any(frame[26:30] == GUEST_IP for frame in neighbour.frames)
    linux.vm.set_cable("e1000/0", connected=False)
    _wait_carrier(linux, "0")
    linux.vm.set_cable("e1000/0", connected=True)
    _wait_carrier(linux, "1")
    assert "3 packets received" in linux.run("ping -c 3 10.0.2.2")
    rows = linux.vm.statistics()
    assert rows["/Public/NetAdapter/0/FramesReceived"][0] >= 7
    assert "Call Trace" not in linux.run("dmesg")
    linux.send("poweroff -f\n")
    linux.wait_power_off(60)


def test_linux_gets_a_lease_on_a_nat_network(machine, guests, tmp_path):
    """The process of the network is started by the machine, and leaves after it."""
    socket, capture = tmp_path / "net", tmp_path / "trace.pcap"
    (tmp_path / "net.json").write_text('{"nat": {"network": "10.9.0.0/24"}}')
    settings = {"Socket": str(socket), "MAC": "080027123456", "Capture": str(capture)}
    linux = machine(
        cdrom=guests(SUITE_LINUX),
        boot_order="d",
        nics=[Nic(mac="080027123456", driver="IntNet", settings=settings)],
    )
    linux.expect("GUEST-READY", BOOT)
    linux.expect(PROMPT, 30)
    linux.run("insmod /extra/e1000.ko")
    linux.run("ifconfig eth0 up")
    _wait_carrier(linux, "1")
    told = linux.run("udhcpc -i eth0 -n -q -t 10 -s /bin/true")
    assert "lease of 10.9.0.4 obtained from 10.9.0.1" in told
    linux.run("ifconfig eth0 10.9.0.4 netmask 255.255.255.0")
    assert "3 packets received" in linux.run("ping -c 3 10.9.0.1")
    linux.send("poweroff -f\n")
    linux.wait_power_off(60)
    data = capture.read_bytes()
    assert data.count(bytes.fromhex("63825363350101")) >= 1, "DHCPDISCOVER"
    assert data.count(IPV4.to_bytes(2)) >= 8


def _wait_carrier(linux, level):
    end = time.monotonic() + 60
    while linux.run("cat /sys/class/net/eth0/carrier").split()[-1] != level:
        assert time.monotonic() < end, f"the carrier is not {level}"
        time.sleep(0.5)
