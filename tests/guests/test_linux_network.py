"""Linux and its own drivers on each network adapter: link, frames both ways, checksums, a lease.

Then what a person does with a network: fetch, serve, look up names, ping, talk to another machine.
"""

from __future__ import annotations

import hashlib
import os
import re
import socket
import struct
import subprocess
import sys
import threading
import time
import urllib.request

import pytest

from engine.cfgm import Node
from engine.net.config import NatConfig
from engine.net.nat import Nat
from engine.net.resolver import Resolver
from engine.pcboard import Nic, nic_device
from tests.guest_images import SUITE_LINUX
from tests.guests.machine import PROMPT

pytestmark = [pytest.mark.guest, pytest.mark.timeout(600)]

BOOT = 240  # seconds
FETCHED_MIB = int(os.environ.get("VITRINE_FETCHED_MIB", "4"))
GUEST_IP, OUR_IP = bytes([10, 0, 2, 15]), bytes([10, 0, 2, 2])
OUR_MAC = bytes.fromhex("525400000001")
# The speed that Linux finds; the oldest one has no transceiver that could tell.
ADAPTERS = {
    "82540EM": "1000",
    "82543GC": "1000",
    "82545EM": "1000",
    "Am79C973": "100",
    "Am79C970A": "",
}
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


@pytest.fixture
def name_server():
    """Port of a name server on the host's loopback: whatever has an A record is at 192.0.2.99."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
        end.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=_answer_names, args=(end,))
        thread.start()
        yield end.getsockname()[1]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", end.getsockname())
        thread.join()


def _answer_names(end):
    while True:
        query, client = end.recvfrom(512)
        if not query:
            return
        question = query[12 : query.index(b"\0", 12) + 5]
        found = question[-4:-2] == b"\0\1"
        # Standard answer with recursion; its name is a pointer to the question (RFC 1035, 4.1).
        head = query[:2] + struct.pack(">HHHHH", 0x8180, 1, found, 0, 0)
        record = struct.pack(">HHHIH4B", 0xC00C, 1, 1, 60, 4, 192, 0, 2, 99)
        end.sendto(head + question + record * found, client)


def test_linux_talks_through_each_adapter(machine, guests):
    """All of them are in one machine, and used one after the other."""
    nics = [
        Nic(slot=slot, model=model, mac=f"0800271234{slot:02x}")
        for slot, model in enumerate(ADAPTERS)
    ]
    linux = machine(cdrom=guests(SUITE_LINUX), boot_order="d", nics=nics)
    neighbours = [Neighbour() for _ in nics]
    for nic, neighbour in zip(nics, neighbours, strict=True):
        linux.vm.attach(f"{nic_device(nic.model)}/{nic.slot}", 0, neighbour)
    linux.expect("GUEST-READY", BOOT)
    linux.expect(PROMPT, 30)
    linux.run("insmod /extra/mii.ko; insmod /extra/e1000.ko && insmod /extra/pcnet32.ko")
    for nic, neighbour in zip(nics, neighbours, strict=True):
        _talk(linux, nic, neighbour)
    assert "Call Trace" not in linux.run("dmesg")
    linux.send("poweroff -f\n")
    linux.wait_power_off(60)


def _talk(linux, nic, neighbour):
    """Ping through an adapter, unplug its cable and plug it in again."""
    device = f"{nic_device(nic.model)}/{nic.slot}"
    name = _interface(linux, nic)
    linux.run(f"ifconfig {name} 10.0.2.15 netmask 255.255.255.0 up")
    _wait_carrier(linux, "1", name)
    speed = ADAPTERS[nic.model]
    assert not speed or speed in linux.run(f"cat /sys/class/net/{name}/speed").split()
    assert "3 packets received" in linux.run("ping -c 3 -s 1400 10.0.2.2")
    assert any(frame[26:30] == GUEST_IP for frame in neighbour.frames)
    linux.vm.set_cable(device, connected=False)
    _wait_carrier(linux, "0", name)
    linux.vm.set_cable(device, connected=True)
    _wait_carrier(linux, "1", name)
    assert "3 packets received" in linux.run("ping -c 3 10.0.2.2")
    rows = linux.vm.statistics()
    assert rows[f"/Public/NetAdapter/{nic.slot}/FramesReceived"][0] >= 7
    linux.run(f"ifconfig {name} down")


def test_linux_gets_a_lease_on_a_nat_network(machine, guests, tmp_path):
    """The process of the network is started by the machine, and leaves after it."""
    socket, capture = tmp_path / "net", tmp_path / "trace.pcap"
    (tmp_path / "net.json").write_text('{"nat": {"network": "10.9.0.0/24"}}')
    nics = [
        Nic(
            slot=slot,
            model=model,
            mac=f"0800271234{slot:02x}",
            driver="IntNet",
            settings={
                "Socket": str(socket),
                "MAC": f"0800271234{slot:02x}",
                "Capture": "" if slot else str(capture),
            },
        )
        for slot, model in enumerate(["82540EM", "Am79C973", "Am79C970A"])
    ]
    linux = machine(cdrom=guests(SUITE_LINUX), boot_order="d", nics=nics)
    linux.expect("GUEST-READY", BOOT)
    linux.expect(PROMPT, 30)
    linux.run("insmod /extra/mii.ko; insmod /extra/e1000.ko && insmod /extra/pcnet32.ko")
    for nic in nics:
        address = f"10.9.0.{4 + nic.slot}"
        name = _interface(linux, nic)
        linux.run(f"ifconfig {name} up")
        _wait_carrier(linux, "1", name)
        told = linux.run(f"udhcpc -i {name} -n -q -t 10 -s /bin/true")
        assert f"lease of {address} obtained from 10.9.0.1" in told
        linux.run(f"ifconfig {name} {address} netmask 255.255.255.0")
        assert "3 packets received" in linux.run("ping -c 3 10.9.0.1")
        linux.run(f"ifconfig {name} down")
    linux.send("poweroff -f\n")
    linux.wait_power_off(60)
    data = capture.read_bytes()
    assert data.count(bytes.fromhex("63825363350101")) >= 1, "DHCPDISCOVER"
    assert data.count(IPV4.to_bytes(2)) >= 8


def test_linux_uses_the_host_through_nat(machine, guests, tmp_path, name_server):
    """What it fetches and serves arrives whole; names and pings are answered."""
    nat = _nat(tmp_path, name_server)
    linux = machine(
        cdrom=guests(SUITE_LINUX), boot_order="d", nics=[Nic()], attachments={("e1000/0", 0): nat}
    )
    try:
        _start(linux)
        told = linux.run("udhcpc -i eth0 -n -q -t 10 -s /bin/true")
        assert "lease of 10.0.2.15 obtained" in told
        linux.run("ifconfig eth0 10.0.2.15; route add default gw 10.0.2.2")
        assert "3 packets received" in linux.run("ping -c 3 10.0.2.2")
        _fetch(linux, tmp_path)
        _serve(linux, nat)
        linux.run("echo nameserver 10.0.2.3 >/etc/resolv.conf")
        assert "192.0.2.99" in linux.run("nslookup host.example 10.0.2.3")
        assert nat.statistics()["errors"] == 0
    finally:
        nat.close()


def test_two_guests_talk_on_an_internal_network(machine, guests, tmp_path):
    """They share nothing but the network's process; a file arrives with its checksum."""
    both = []
    for n in (1, 2):
        mac = f"08002700000{n}"
        settings = {"Socket": str(tmp_path / "net"), "MAC": mac}
        linux = machine(
            cdrom=guests(SUITE_LINUX),
            boot_order="d",
            memory_mb=128,
            nics=[Nic(mac=mac, driver="IntNet", settings=settings)],
        )
        _start(linux)
        linux.run(f"ifconfig eth0 192.168.7.{n} netmask 255.255.255.0")
        both.append(linux)
    one, two = both
    assert "3 packets received" in one.run("ping -c 3 192.168.7.2")
    sent = _make_file(one)
    one.run("httpd -h /www")
    assert sent in two.run("wget -q -O - http://192.168.7.1/data | md5sum", 120)


def _start(linux):
    """Wait for the prompt and bring the adapter up."""
    linux.expect("GUEST-READY", BOOT)
    linux.expect(PROMPT, 30)
    linux.run("insmod /extra/e1000.ko")
    linux.run("ifconfig eth0 up")
    _wait_carrier(linux, "1")


def _make_file(linux):
    """Have the guest make a file to serve; return its checksum."""
    linux.run("mkdir /www; dd if=/dev/urandom of=/www/data bs=64k count=32 2>/dev/null")
    return re.findall(r"[0-9a-f]{32}", linux.run("md5sum </www/data"))[-1]


def _fetch(linux, folder):
    """Have the guest fetch a file from a server of another process, on the host's loopback."""
    folder = folder / "served"
    folder.mkdir()
    content = os.urandom(FETCHED_MIB << 20)
    (folder / "data").write_bytes(content)
    command = [sys.executable, "-u", "-m", "http.server", "--bind", "127.0.0.1", "0"]
    server = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    with server:
        try:
            port = re.findall(r"port (\d+)", server.stdout.readline())[0]
            got = linux.run(f"wget -q -O - http://10.0.2.2:{port}/data | md5sum", 240)
        finally:
            server.kill()
    assert hashlib.md5(content).hexdigest() in got


def _serve(linux, nat):
    """Have the guest serve a file at a forwarded port, and fetch it."""
    expected = _make_file(linux)
    linux.run("httpd -h /www")
    (rule,) = nat.forwards()
    with urllib.request.urlopen(f"http://127.0.0.1:{rule.host_port}/data", timeout=60) as answer:
        assert hashlib.md5(answer.read()).hexdigest() == expected


def _nat(folder, name_server):
    """Make a NAT whose host has a name server of the test's, and one forwarded port."""
    path = folder / "resolv.conf"
    path.write_text("nameserver 127.0.0.1\n")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    node = Node("/Devices/e1000/0/LUN#0")
    forward = f"web,tcp,127.0.0.1,{port},,80"
    node.child("Config").set({"LocalhostReachable": True, "Forwards": forward})
    nat = Nat(NatConfig.from_node(node), Resolver(str(path)))
    usual = nat._policy.host_address
    # Port 53 of the host needs privileges; nothing but the number is another here.
    nat._policy.host_address = lambda address, port: (
        ("127.0.0.1", name_server) if port == 53 else usual(address, port)
    )
    return nat


def _interface(linux, nic):
    """Return Linux's name of an adapter."""
    mac = ":".join(nic.mac[n : n + 2] for n in range(0, 12, 2))
    path = linux.run(f"grep -l {mac} /sys/class/net/*/address").split()[-1]
    return path.split("/")[-2]


def _wait_carrier(linux, level, name="eth0"):
    end = time.monotonic() + 60
    while linux.run(f"cat /sys/class/net/{name}/carrier").split()[-1] != level:
        assert time.monotonic() < end, f"the carrier is not {level}"
        time.sleep(0.5)
