"""What makes a network valid, and what is said when it is not."""

import pytest

from app.manager.network.checks import (
    adapter_problem,
    dhcp_problem,
    forwarding_problem,
    is_mask,
    nat_problem,
    prefix_length,
    suggested_dhcp,
)
from app.settings.network import PortForwarding


def rule(name="ssh", **fields):
    return PortForwarding(name=name, **{"host_port": 2222, "guest_port": 22, **fields})


@pytest.mark.parametrize(
    ("text", "good"),
    [("255.255.255.0", True), ("0.0.0.0", True), ("255.255.255.255", True),
     ("255.0.255.0", False), ("24", False), ("", False)],
)  # fmt: skip
def test_masks(text, good):
    assert is_mask(text) is good


def test_prefix_lengths():
    assert prefix_length("255.255.252.0") == 22


@pytest.mark.parametrize(
    ("values", "said"),
    [(("192.168.56.1", "255.255.255.0", "", 64), ""),
     (("192.168.56.1", "255.255.255.0", "fd00::1", 64), ""),
     (("192.168.56", "255.255.255.0", "", 64), "“192.168.56” is not an IPv4 address"),
     (("192.168.56.1", "255.0.255.0", "", 64), "not a network mask"),
     (("192.168.56.1", "255.255.255.0", "fd00", 64), "“fd00” is not an IPv6 address"),
     (("192.168.56.1", "255.255.255.0", "fd00::1", 129), "1 to 128")],
)  # fmt: skip
def test_adapters(values, said):
    problem = adapter_problem(*values)
    assert said in problem
    assert bool(said) == bool(problem)


@pytest.mark.parametrize(
    ("values", "said"),
    [(("10.0.0.2", "255.255.255.0", "10.0.0.3", "10.0.0.9"), ""),
     (("", "255.255.255.0", "10.0.0.3", "10.0.0.9"), "server address"),
     (("10.0.0.2", "255.255", "10.0.0.3", "10.0.0.9"), "server mask"),
     (("10.0.0.2", "255.255.255.0", "x", "10.0.0.9"), "“x” is not"),
     (("10.0.0.2", "255.255.255.0", "10.0.0.3", "10.0.1.9"), "not in the network 10.0.0.0/24"),
     (("10.0.0.2", "255.255.255.0", "10.0.0.9", "10.0.0.3"), "above the upper"),
     (("10.0.0.2", "255.255.255.0", "10.0.0.2", "10.0.0.2"), "no address to give")],
)  # fmt: skip
def test_dhcp_servers(values, said):
    problem = dhcp_problem(*values)
    assert said in problem
    assert bool(said) == bool(problem)


@pytest.mark.parametrize(
    ("address", "mask"),
    [("192.168.56.1", "255.255.255.0"), ("10.0.0.1", "255.255.255.248"),
     ("172.16.0.1", "255.255.0.0")],
)  # fmt: skip
def test_suggested_servers_are_valid(address, mask):
    assert dhcp_problem(*suggested_dhcp(address, mask)) == ""


def test_the_usual_server_is_that_of_virtualbox():
    suggested = suggested_dhcp("192.168.56.1", "255.255.255.0")
    assert suggested == (
        "192.168.56.100", "255.255.255.0", "192.168.56.101", "192.168.56.254"
    )  # fmt: skip
    assert suggested_dhcp("nonsense", "255.255.255.0") == ("", "", "", "")
    assert suggested_dhcp("10.0.0.1", "255.255.255.252") == ("", "", "", "")


@pytest.mark.parametrize(
    ("values", "said"),
    [(("Lab", "10.0.2.0/24", "", ()), ""),
     (("Lab", "10.0.2.7/24", "fd17:625c:f037:2::/64", ()), ""),
     ((" ", "10.0.2.0/24", "", ()), "needs a name"),
     (("Lab", "10.0.2.0/24", "", ("Lab",)), "“Lab” already"),
     (("Lab", "10.0.2", "", ()), "“10.0.2” is not"),
     (("Lab", "10.0.2.0/30", "", ()), "/8 to /28"),
     (("Lab", "10.0.2.0/24", "fd00", ()), "“fd00” is not"),
     (("Lab", "10.0.2.0/24", "fd00::/48", ()), "must be a /64")],
)  # fmt: skip
def test_nat_networks(values, said):
    problem = nat_problem(*values)
    assert said in problem
    assert bool(said) == bool(problem)


@pytest.mark.parametrize(
    ("rules", "params", "said"),
    [([], {}, ""),
     ([rule(), rule("web", host_port=80, guest_port=80)], {}, ""),
     ([rule(), rule("udp", protocol=0)], {}, ""),
     ([rule(host_ip="127.0.0.1"), rule("b", host_ip="127.0.0.2")], {}, ""),
     ([rule(host_ip="::1", guest_ip="fd00::2")], {"ipv6": True}, ""),
     ([rule("")], {}, "needs a name"),
     ([rule(host_port=0)], {}, "needs a host port"),
     ([rule(guest_port=0)], {}, "needs a host port"),
     ([rule(host_ip="::1")], {}, "“::1” in the rule “ssh” is not an IPv4"),
     ([rule(guest_ip="10.0.2.15")], {"ipv6": True}, "is not an IPv6 address"),
     ([rule()], {"guest_needed": True}, "address of the guest"),
     ([rule(), rule(host_port=1)], {}, "Two rules are named “ssh”"),
     ([rule(), rule("b")], {}, "“ssh” and “b” take the same port"),
     ([rule(), rule("b", host_ip="127.0.0.1")], {}, "the same port")],
)  # fmt: skip
def test_port_forwarding(rules, params, said):
    problem = forwarding_problem(rules, **params)
    assert said in problem
    assert bool(said) == bool(problem)
