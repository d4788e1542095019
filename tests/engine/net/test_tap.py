"""Cables to interfaces of the host, in a network namespace that is made for each test."""

import contextlib
import queue
import socket
import subprocess
from ipaddress import IPv4Address

import pytest

from engine.cfgm import Node
from engine.net import hostinterface
from engine.net.errors import NetworkDriverError
from engine.net.packets import (
    BROADCAST_MAC,
    ETHERTYPE_ARP,
    ETHERTYPE_IP,
    UDP,
    build_arp,
    build_frame,
    build_ip,
    build_udp,
    parse_arp,
    parse_ip,
    parse_udp,
)
from engine.net.tap import Tap, bridged, tap_problem
from engine.pdm.driver import make_driver
from tests.engine.net.test_intnet import A
from tests.engine.net.test_netservices import Network, lease
from tests.namespaces import in_namespace

PATIENCE = 10
HOST, GUEST, MASK = "192.168.77.1", "192.168.77.9", "255.255.255.0"


def ip(text):
    return IPv4Address(text).packed


def exchange(link, got):
    """Ask by ARP who has the host's address, and have a datagram answered by a server there."""
    mac = host_mac(link, got)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind((HOST, 5000))
        server.settimeout(PATIENCE)
        data = build_udp((ip(GUEST), 999), (ip(HOST), 5000), b"ping")
        (packet,) = build_ip(UDP, ip(GUEST), ip(HOST), data, 1)
        link.transmit(build_frame(mac, A, ETHERTYPE_IP, packet))
        assert server.recvfrom(10) == (b"ping", (GUEST, 999))
        server.sendto(b"pong", (GUEST, 999))
    while True:
        packet = parse_ip(next_of(got, ETHERTYPE_IP))
        datagram = parse_udp(packet) if packet is not None and packet.protocol == UDP else None
        if datagram is not None and datagram.destination_port == 999:
            assert datagram.payload == b"pong"
            return mac


def host_mac(link, got):
    """Ask until there is an answer: an interface that has just come up may drop the first ones."""
    question = build_arp(1, (A, ip(GUEST)), (bytes(6), ip(HOST)))
    for _ in range(20):
        link.transmit(build_frame(BROADCAST_MAC, A, ETHERTYPE_ARP, question))
        with contextlib.suppress(queue.Empty):
            while True:
                arp = parse_arp(next_of(got, ETHERTYPE_ARP, 0.5))
                if arp.sender_ip == ip(HOST):
                    return arp.sender_mac
    raise AssertionError("the host does not answer")


def next_of(got, ethertype, patience=PATIENCE):
    while (frame := got.get(timeout=patience))[12:14] != ethertype.to_bytes(2):
        pass
    return frame[14:]


def plugged(link):
    got = queue.Queue()
    link.set_receiver(got.put)
    return got


@in_namespace
def test_machines_of_a_host_only_network_reach_the_host(tmp_path):
    """It is there with its address, serves DHCP, follows the settings, stays, and goes."""
    tap = {"name": "vboxnet5", "address": HOST, "mask": MASK, "mac": "0a0027000005"}
    dhcp = {"address": "192.168.77.2", "mask": MASK, "lower": GUEST, "upper": GUEST}
    network = Network(tmp_path)
    try:
        assert network.start({"tap": tap, "dhcp": dhcp}) == ""
        machine = network.machine(A)
        assert lease(machine)[0] == GUEST
        assert exchange(machine.link, machine.got).hex() == "0a0027000005"
        moved = {**tap, "address": "192.168.78.1"}
        assert network.start({"tap": moved}) == ""
        assert hostinterface.ipv4("vboxnet5") == ("192.168.78.1", MASK)
    finally:
        network.close()
    assert hostinterface.ipv4("vboxnet5") == ("192.168.78.1", MASK)
    again = tmp_path / "again"
    again.mkdir()
    network = Network(again)
    assert network.start({"tap": {"name": "vboxnet5", "persistent": False}}) == ""
    network.close()
    assert not hostinterface.exists("vboxnet5")


@in_namespace
def test_a_cable_into_a_bridge():
    for command in ("link add br5 type bridge", f"addr add {HOST}/24 dev br5", "link set br5 up"):
        subprocess.run(["ip", *command.split()], check=True)
    node = Node("/Devices/e1000/0/LUN#0").set({"Driver": "Bridged"})
    node.child("Config").set({"Interface": "br5"})
    link = make_driver(node)
    assert hostinterface.bridge_of(link.name) == "br5"
    got = plugged(link)
    exchange(link, got)
    link.close()
    assert not hostinterface.exists("vitrine0")


@in_namespace
def test_what_an_administrator_has_made_is_used_as_it_is(monkeypatch):
    subprocess.run(["ip", "tuntap", "add", "dev", "mine", "mode", "tap", "user", "0"], check=True)
    subprocess.run(["ip", "addr", "add", f"{HOST}/24", "dev", "mine"], check=True)
    subprocess.run(["ip", "link", "set", "mine", "up"], check=True)
    monkeypatch.setattr(hostinterface, "may_administer", lambda: False)
    assert "Only an administrator may make the interface 'other'" in tap_problem("other")
    link = bridged("mine")
    exchange(link, plugged(link))
    with pytest.raises(NetworkDriverError, match="'mine' cannot be used"):
        Tap("mine")
    link.close()
    assert hostinterface.is_tap("mine")


def test_what_cannot_be_is_told(monkeypatch):
    monkeypatch.setattr("engine.net.tap.TUN_DEVICE", "/dev/null")
    with pytest.raises(NetworkDriverError, match="no network interface 'none9'. Choose another"):
        bridged("none9")
    if hostinterface.exists("lo"):
        assert "is no TAP interface" in tap_problem("lo")
        with pytest.raises(NetworkDriverError, match="'lo' is not part of a bridge"):
            bridged("lo")
    assert "cannot be the name" in tap_problem("a/b")
    monkeypatch.setattr(hostinterface, "may_administer", lambda: False)
    assert tap_problem("vboxnet0").startswith("Only an administrator may make the interface")
    monkeypatch.setattr("engine.net.tap.TUN_DEVICE", "/nonexistent")
    assert tap_problem("vboxnet0").startswith("This host has no TAP interfaces")


def test_a_network_without_its_interface_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr("engine.net.tap.TUN_DEVICE", "/nonexistent")
    network = Network(tmp_path)
    settings = {"name": "vboxnet5", "address": HOST, "mask": MASK}
    assert network.start({"tap": settings}).startswith("This host has no TAP interfaces")
    dhcp = {"address": "192.168.77.2", "mask": MASK, "lower": GUEST, "upper": GUEST}
    network.start({"tap": settings, "dhcp": dhcp})
    assert lease(network.machine(A))[0] == GUEST
    network.close()
