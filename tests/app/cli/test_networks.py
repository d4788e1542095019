"""NAT networks, DHCP servers, host-only interfaces and networks from the command line."""

from __future__ import annotations

import socket

import pytest

from app.api import Client, ErrorCode
from app.api.events import NetworkConfigurationChanged
from tests.app.cli.shell import Shell, first_error, lines_starting
from tests.app.service.fixtures import MakeMachine
from tests.app.service.support import Recorder, failing

PROGRESS = "0%...10%...20%...30%...40%...50%...60%...70%...80%...90%...100%\n"
LAB = ("--network", "lab")


@pytest.fixture
def lab(shell: Shell) -> None:
    """A DHCP server for the network ``lab`` and nothing else."""
    shell.ok("dhcpserver", "remove", "--network", "HostInterfaceNetworking-vboxnet0")
    shell.ok(
        "dhcpserver", "add", "--netname", "lab", "--ip", "10.0.0.1", "--netmask", "255.255.255.0",
        "--lowerip", "10.0.0.100", "--upperip", "10.0.0.200", "--enable",
    )  # fmt: skip


def test_hostonlyif(shell: Shell) -> None:
    ran = shell.run("hostonlyif", "create")
    assert (ran.out, ran.err) == ("Interface 'vboxnet0' was successfully created\n", PROGRESS)
    assert shell.ok("hostonlyif", "create").startswith("Interface 'vboxnet1'")
    shell.ok("hostonlyif", "ipconfig", "vboxnet0", "--ip", "172.28.128.1")
    shell.ok("hostonlyif", "ipconfig", "vboxnet0", "--ipv6", "fd00::1", "--netmasklengthv6", "48")
    shell.ok("hostonlyif", "ipconfig", "vboxnet1", "--dhcp")
    shell.check_golden("list-hostonlyifs", shell.ok("list", "hostonlyifs"))
    shell.ok("hostonlyif", "remove", "vboxnet0")
    assert lines_starting(shell.ok("list", "hostonlyifs"), "Name:") == ["Name:            vboxnet1"]
    assert shell.ok("list", "dhcpservers") == "", "the server of a removed interface goes with it"


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["ipconfig", "vboxnet9", "--ip", "1.2.3.4"], 1, "'vboxnet9' could not be found"),
        (["remove", "vboxnet9"], 1, "'vboxnet9' could not be found"),
        (["ipconfig", "vboxnet0", "--ip", "1.2.3"], 1, "'1.2.3' is not an IPv4 address"),
        (["ipconfig", "vboxnet0", "--ip=1.2.3.4", "--netmask=255.0.255.0"], 1, "not a network mask"),
        (["ipconfig", "vboxnet0", "--ipv6", "::g"], 1, "'::g' is not an IPv6 address"),
        (["ipconfig", "vboxnet0"], 2, "either --dhcp, --ip or --ipv6"),
        (["ipconfig", "vboxnet0", "--dhcp", "--ip", "1.2.3.4"], 2, "either --dhcp, --ip or --ipv6"),
        (["rename", "vboxnet0"], 2, "Unknown subcommand 'rename'"),
        ([], 2, "No subcommand specified"),
    ],
)
def test_hostonlyif_refuses(shell: Shell, words: list[str], code: int, sentence: str) -> None:
    shell.ok("hostonlyif", "create")
    before = shell.ok("list", "hostonlyifs")
    ran = shell.run("hostonlyif", *words)
    assert ran.code == code
    assert sentence in first_error(ran)
    assert shell.ok("list", "hostonlyifs") == before


@pytest.mark.usefixtures("lab")
def test_dhcpserver(shell: Shell, client: Client, make_machine: MakeMachine) -> None:
    make_machine(client, "box")
    shell.ok("modifyvm", "box", "--nic2", "hostonly", "--macaddress2", "080027ABCDEF")
    shell.ok(
        "dhcpserver", "modify", *LAB, "--lower-ip=10.0.0.110", "--disable",
        "--set-opt", "6", "1.1.1.1", "--set-opt-hex", "43", "01:02", "--force-opt=6",
        "--suppress-opt=3", "--min-lease-time=60", "--max-lease-time=600",
        "--group=printers", "--incl-mac-wild=00:80:*", "--excl-mac=00:80:00:00:00:01",
        "--default-lease-time=300",
        "--mac-address=080027AABBCC", "--fixed-address=10.0.0.5",
        "--vm=box", "--nic=2", "--set-opt", "12", "box",
    )  # fmt: skip
    shell.check_golden("list-dhcpservers", shell.ok("list", "dhcpservers"))
    shell.ok(
        "dhcpserver", "modify", *LAB, "--del-opt=6", "--unforce-opt=6", "--unsuppress-opt=3",
        "--zap-options", "--group=printers", "--remove-config", "--mac-address=08-00-27-aa-bb-cc",
        "--remove-config", "--vm=box", "--nic=2", "--remove-config",
    )  # fmt: skip
    (server,) = client.dhcp_servers.list_all()
    assert (server.groups, server.individuals, server.global_config.options) == ([], [], [])
    assert server.global_config.min_lease_time_s == 60


@pytest.mark.usefixtures("lab")
@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["modify", *LAB, "--upper-ip=10.0.1.2"], 1, "10.0.1.2 is not in the network 10.0.0.0/24"),
        (["modify", *LAB, "--upper-ip=10.0.0.2"], 1, "10.0.0.100 to 10.0.0.2 is empty"),
        (["modify", *LAB, "--min-lease-time=9", "--max-lease-time=8"], 1, "in this order"),
        (["modify", *LAB, "--fixed-address=1.1.1.1"], 2, "needs --mac-address or --vm"),
        (["modify", *LAB, "--incl-mac=1"], 2, "needs --group before it"),
        (["modify", *LAB, "--nic=1"], 2, "--nic needs --vm before it"),
        (["modify", *LAB, "--set-opt", "256", "x"], 2, "256 is not 0 to 255"),
        (["modify", *LAB, "--set-opt-hex", "1", "xyz"], 2, "'xyz' is not hexadecimal"),
        (["modify", *LAB, "--mac-address=12"], 2, "Invalid MAC address '12'"),
        (["modify", *LAB, "--remove-config"], 2, "cannot be applied to the global"),
        (["modify", "--network=nowhere"], 1, "Failed to find DHCP server for network 'nowhere'"),
        (["modify", "--interface=vboxnet5"], 1, "Failed to locate host-only interface 'vboxnet5'"),
        (["modify"], 2, "either --network or --interface"),
        (["add", *LAB], 2, "Missing required option: --server-ip"),
        (["start", "--network=nowhere"], 1, "Failed to find DHCP server for network 'nowhere'"),
        (["findlease", *LAB, "--mac-address=080027000001"], 1, "There is no lease for the MAC"),
    ],
)
def test_dhcpserver_refuses(shell: Shell, words: list[str], code: int, sentence: str) -> None:
    before = shell.ok("list", "dhcpservers")
    ran = shell.run("dhcpserver", *words)
    assert ran.code == code
    assert sentence in first_error(ran)
    assert shell.ok("list", "dhcpservers") == before


def test_natnetwork(shell: Shell) -> None:
    shell.ok(
        "natnetwork", "add", "--netname", "net1", "--network", "192.168.15.0/24", "--enable",
        "--dhcp", "on", "--port-forward-4", "ssh:tcp:[]:1022:[192.168.15.5]:22",
        "--port-forward-4", "dns:udp:[127.0.0.1]:53:[192.168.15.6]:53",
        "--port-forward-6", "web:tcp:[]:80:[fd17:625c:f037:a80f::5]:80",
        "--loopback-4", "127.0.0.1=2",
    )  # fmt: skip
    shell.ok("natnetwork", "add", "-t", "other", "-n", "10.0.2.7/24", "--dhcp=off", "--disable")
    printed = [
        f"$ {' '.join(words)}\n{shell.ok(*words)}"
        for words in (["list", "natnets"], ["list", "--long", "natnets"], ["natnetwork", "list"])
    ]
    shell.ok(
        "natnetwork", "modify", "--netname", "net1", "--port-forward-4", "delete", "ssh",
        "--loopback-4", "delete", "127.0.0.1", "--ipv6", "on", "--ipv6-default=on",
        "--network", "10.9.0.0/16",
    )  # fmt: skip
    printed.append(f"$ natnetwork list n*\n{shell.ok('natnetwork', 'list', 'n*')}")
    shell.check_golden("natnetworks", "".join(printed))
    shell.ok("natnetwork", "remove", "--netname", "net1")
    assert lines_starting(shell.ok("list", "natnets"), "Name:") == ["Name:         other"]


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["add", "--netname=net", "--network=1.0.0.0/8"], 1, "already exists"),
        (["add", "--netname=new"], 2, "You need to specify the --network option"),
        (["add", "--network=1.0.0.0/8"], 2, "You need to specify the --netname option"),
        (["add", "--netname=new", "--network=1.2.3"], 1, "Expected 4 octets"),
        (["add", "--netname=new", "--network=1.2.3.0/30"], 1, "must be /8 to /28"),
        (["modify", "--netname=net", "--ipv6-prefix=fd00::/48"], 1, "must be a /64"),
        (["modify", "--netname=net", "--port-forward-4=what"], 2, "Invalid port-forward rule what"),
        (["modify", "--netname=net", "--port-forward-4", "delete", "x"], 1, "no port-forward rule 'x'"),
        (["modify", "--netname=net", "--loopback-4=10.0.0.1=2"], 1, "not a loopback address"),
        (["modify", "--netname=none"], 1, "NATNetwork server does not exist"),
        (["start", "--netname=none"], 1, "NATNetwork server does not exist"),
        (["stop", "--netname=none"], 1, "NATNetwork server does not exist"),
    ],
)
def test_natnetwork_refuses(shell: Shell, words: list[str], code: int, sentence: str) -> None:
    shell.ok("natnetwork", "add", "--netname", "net", "--network", "10.0.2.0/24")
    before = shell.ok("natnetwork", "list")
    ran = shell.run("natnetwork", *words)
    assert ran.code == code
    assert sentence in first_error(ran)
    assert shell.ok("natnetwork", "list") == before


def test_hostonlynet(shell: Shell) -> None:
    shell.ok(
        "hostonlynet", "add", "--name=hn", "--netmask=255.255.255.0", "--lower-ip=192.168.70.1",
        "--upper-ip=192.168.70.99", "--disable",
    )  # fmt: skip
    shell.ok("hostonlynet", "modify", "--name=hn", "--enable", "--upper-ip=192.168.70.50")
    shell.check_golden("list-hostonlynets", shell.ok("list", "hostonlynets"))
    ran = shell.run("hostonlynet", "modify", "--name=hn", "--upper-ip=192.168.71.1")
    assert ran.code == 1
    assert "192.168.71.1 is not in the network" in first_error(ran)
    shell.ok("hostonlynet", "remove", "--name=hn")
    assert shell.ok("list", "hostonlynets") == ""
    assert shell.run("hostonlynet", "remove", "--name=hn").code == 1


def test_intnets(shell: Shell, client: Client, make_machine: MakeMachine) -> None:
    for name in ("a", "b"):
        make_machine(client, name)
        shell.ok("modifyvm", name, "--nic1", "intnet", "--intnet1", "backbone")
    shell.ok("modifyvm", "a", "--nic2", "intnet", "--intnet2", "storage")
    assert shell.ok("list", "intnets") == "Name:        backbone\nName:        storage\n"


def test_changes_are_told(client: Client, shell: Shell) -> None:
    recorder = Recorder(client)
    shell.ok("hostonlyif", "create")
    shell.ok("natnetwork", "add", "--netname", "net", "--network", "10.0.2.0/24")
    recorder.wait_for(
        NetworkConfigurationChanged(name="HostInterfaceNetworking-vboxnet0"),
        NetworkConfigurationChanged(name="net"),
    )


def test_a_network_must_exist(client: Client) -> None:
    with failing(ErrorCode.VBOX_E_OBJECT_NOT_FOUND, "There is no NAT network named 'x'"):
        client.nat_networks.remove("x")
    with failing(ErrorCode.VBOX_E_OBJECT_NOT_FOUND, "The network 'x' has no DHCP server"):
        client.dhcp_servers.remove("x")
    with failing(ErrorCode.VBOX_E_OBJECT_NOT_FOUND, "no host-only network"):
        client.host_only_networks.remove("x")


def test_networks_start_and_stop(shell: Shell, lab: None) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        rule = f"web:tcp:[127.0.0.1]:{port}:[10.9.0.4]:80"
        shell.ok("natnetwork", "add", "-t", "net", "-n", "10.9.0.0/24", "--port-forward-4", rule)
        ran = shell.run("natnetwork", "start", "-t", "net")
        assert ran.code == 1
        assert str(port) in first_error(ran)
    shell.ok("natnetwork", "start", "-t", "net")
    socket.create_connection(("127.0.0.1", port)).close()
    shell.ok("natnetwork", "modify", "-t", "net", "--port-forward-4", "delete", "web")
    assert not _is_served(port)
    shell.ok("natnetwork", "modify", "-t", "net", "--port-forward-4", rule)
    assert _is_served(port)
    shell.ok("natnetwork", "stop", "-t", "net")
    assert not _is_served(port)
    shell.ok("natnetwork", "modify", "-t", "net", "--disable")
    assert "is disabled" in first_error(shell.run("natnetwork", "start", "-t", "net"))
    for verb in ("start", "restart", "stop", "stop"):
        shell.ok("dhcpserver", verb, *LAB)
    shell.ok("dhcpserver", "modify", *LAB, "--set-opt", "3", "no address")
    assert "no value for the DHCP option 3" in first_error(shell.run("dhcpserver", "start", *LAB))


def _is_served(port: int) -> bool:
    with socket.socket() as end:
        return end.connect_ex(("127.0.0.1", port)) == 0
