"""Settings of the NAT driver, and the driver by its name."""

import pytest

from engine.cfgm import Node
from engine.errors import ConfigurationError
from engine.net.config import Forward, NatConfig
from engine.net.nat import Nat
from engine.pdm.driver import make_driver
from engine.pdm.interfaces import NetworkLink


def node(**settings):
    made = Node("/Devices/e1000/0/LUN#0").set({"Driver": "NAT"})
    made.child("Config").set(settings)
    return made


def config(**settings):
    return NatConfig.from_node(node(**settings))


def test_the_driver_has_the_name_nat():
    link = make_driver(node())
    try:
        assert isinstance(link, Nat)
        assert isinstance(link, NetworkLink)
    finally:
        link.close()


def test_each_adapter_has_its_network():
    assert str(config().network) == "10.0.2.0/24"
    assert str(config(Adapter=3).gateway) == "10.0.5.2"
    other = config(Network="192.168.7.0/24", Adapter=3)
    addresses = (other.gateway, other.name_server, other.tftp_server, other.first_lease)
    assert [str(address) for address in addresses] == [
        "192.168.7.2", "192.168.7.3", "192.168.7.4", "192.168.7.15",
    ]


def test_rules_are_read_from_lines():
    rules = config(Forwards="ssh,tcp,,2222,,22\n\n dns,UDP,127.0.0.1,5353,10.0.2.15,53\n").forwards
    assert rules == (
        Forward("ssh", "tcp", "", 2222, "", 22),
        Forward("dns", "udp", "127.0.0.1", 5353, "10.0.2.15", 53),
    )


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"Network": "10.0.2"}, "'10.0.2' is no IPv4 network"),
        ({"Network": "10.0.2.0/30"}, "prefix of 8 to 27 bits"),
        ({"Adapter": 32}, "must be 0 to 31, not 32"),
        ({"Adapter": "one"}, "must be an integer"),
        ({"BindIP": "localhost"}, "'localhost' in the setting .*BindIP is no IPv4 address"),
        ({"MaxConnections": 0}, "must be 1 to 65536, not 0"),
        ({"Forwards": "ssh,tcp,,2222,22"}, "not of the form name,tcp"),
        ({"Forwards": ",tcp,,2222,,22"}, "has no name"),
        ({"Forwards": "ssh,sctp,,2222,,22"}, "is 'sctp', not tcp or udp"),
        ({"Forwards": "ssh,tcp,,0,,22"}, "'0' in the forwarding rule 'ssh' is no port"),
        ({"Forwards": "ssh,tcp,,2222,,65536"}, "'65536' in the .* is no port"),
        ({"Forwards": "ssh,tcp,x,2222,,22"}, "'x' in the forwarding rule 'ssh' is no IPv4 address"),
        ({"Forwards": "a,tcp,,1,,1\na,tcp,,2,,2"}, "two forwarding rules named 'a'"),
    ],
)
def test_wrong_settings_are_told(settings, sentence):
    with pytest.raises(ConfigurationError, match=sentence):
        config(**settings)
