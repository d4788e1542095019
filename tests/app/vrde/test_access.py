"""Who gets in: passwords, certificates, users, one client or several; and where it listens."""

import hashlib
import socket
import ssl
import subprocess
import time

import pytest

from app.api.errors import ApiError, ErrorCode
from app.vrde import security
from app.vrde.config import RfbConfig, parse_ports, plan_server
from app.vrde.des import encrypt, vnc_response
from app.vrde.failures import FREE_FAILURES, FailureLimit
from app.vrde.module import find_module
from tests.app.vrde.client import Client, RefusedError
from tests.app.vrde.fixtures import Host, free_port, order, serving

USERS = {"VBoxAuthSimple/users/ada": hashlib.sha256(b"tea").hexdigest()}
SECRET = {"VNCPassword": "secret"}


@pytest.fixture(autouse=True)
def no_delay(monkeypatch):
    monkeypatch.setattr(security, "FAILURE_DELAY_SECONDS", 0.0)


def test_des_is_that_of_the_standard():
    # FIPS 81, table B1; and an example that textbooks share.
    key = bytes.fromhex("0123456789abcdef")
    assert encrypt(key, b"Now is the time for all ") == bytes.fromhex(
        "3fa40e8a984d48156a271787ab8883f9893d51ec4b563b53"
    )
    plain = bytes.fromhex("0123456789abcdef")
    assert encrypt(bytes.fromhex("133457799bbcdff1"), plain) == bytes.fromhex("85e813540f0ab405")
    assert vnc_response("longer than eight", bytes(16)) == vnc_response("longer t", bytes(16))


@pytest.mark.parametrize("version", [b"003.008", b"003.007"])
def test_without_a_password_everybody_on_this_host_gets_in(tmp_path, version):
    with serving(Host(), tmp_path) as server, Client(server.info().port, version=version) as client:
        assert client.offers == b"\1"
        assert client.name == "Test"


def test_a_vnc_password(tmp_path):
    with serving(Host(), tmp_path, properties=SECRET) as server:
        port = server.info().port
        with Client(port, security=2, password="secret") as client:
            assert client.offers == b"\2"
            client.picture()
        with pytest.raises(RefusedError, match="password is wrong"):
            Client(port, security=2, password="Secret")
        with pytest.raises(ConnectionResetError):
            Client(port, security=1)


def test_rfb_3_3_is_told_its_security_type(tmp_path):
    with (
        serving(Host(), tmp_path, properties=SECRET) as server,
        socket.create_connection(("127.0.0.1", server.info().port)) as raw,
    ):
        raw.recv(12)
        raw.sendall(b"RFB 003.003\n")
        data = raw.recv(20, socket.MSG_WAITALL)
        assert data[:4] == b"\0\0\0\2"
        raw.sendall(vnc_response("secret", data[4:]))
        assert raw.recv(4, socket.MSG_WAITALL) == bytes(4)


@pytest.mark.parametrize(
    ("properties", "subtypes"),
    [({"Security/Method": "TLS"}, (260, 257)), ({"Security/Method": "TLS", **SECRET}, (261, 258))],
)
def test_tls_with_and_without_a_certificate(tmp_path, properties, subtypes):
    with serving(Host(), tmp_path, properties=properties) as server:
        for subtype in subtypes:
            deadline = time.monotonic() + 5
            while server.info().clients and time.monotonic() < deadline:
                time.sleep(0.01)
            with Client(server.info().port, security=19, subtype=subtype, password="secret") as client:
                assert client.offers == b"\x13"
                assert client.subtypes == subtypes
                client.picture()
                assert server.info().encryption.startswith("TLSv1.")
    assert (tmp_path / "RemoteDisplay.pem").stat().st_mode & 0o777 == 0o600


def test_users_need_their_password_and_tls(tmp_path):
    settings = {"auth_type": "External", "secrets": USERS, "properties": {"Security/Method": "TLS"}}
    with serving(Host(), tmp_path, **settings) as server:
        port = server.info().port
        with Client(port, security=19, subtype=262, user="ada", password="tea") as client:
            client.picture()
            assert server.info().user == "ada"
        for user, password in (("ada", "coffee"), ("bob", "tea"), ("", "")):
            with pytest.raises(RefusedError):
                Client(port, security=19, subtype=262, user=user, password=password)


def test_one_client_at_a_time_or_the_newer_one_or_all(tmp_path):
    with (
        serving(Host(), tmp_path) as server,
        Client(server.info().port),
        pytest.raises(RefusedError, match="Another client"),
    ):
        Client(server.info().port)
    with (
        serving(Host(), tmp_path, reuse_single_connection=True) as server,
        Client(server.info().port) as first,
        Client(server.info().port) as second,
    ):
        second.picture()
        with pytest.raises(ConnectionResetError):
            first.read(1)
    with (
        serving(Host(), tmp_path, allow_multi_connection=True) as server,
        Client(server.info().port) as first,
        Client(server.info().port) as second,
    ):
        first.picture()
        second.picture()
        assert len(server.info().clients) == 2


def test_who_guesses_has_to_wait(tmp_path):
    limit = FailureLimit()
    for _ in range(FREE_FAILURES):
        assert not limit.refuses("a", 0.0)
        limit.failed("a", 0.0)
    assert limit.refuses("a", 9.9)
    assert not limit.refuses("a", 10.0)
    assert not limit.refuses("b", 0.0)
    limit.failed("a", 10.0)
    assert limit.refuses("a", 29.9)
    limit.succeeded("a")
    assert not limit.refuses("a", 10.0)
    with serving(Host(), tmp_path, properties=SECRET) as server:
        for _ in range(FREE_FAILURES):
            with pytest.raises(RefusedError, match="wrong"):
                Client(server.info().port, security=2, password="guess")
        with pytest.raises(RefusedError, match="Too many"):
            Client(server.info().port, security=2, password="secret")


def test_ports_are_lists_and_ranges():
    assert parse_ports("5000,5010-5012") == (5000, 5010, 5011, 5012)
    assert parse_ports("") == parse_ports("0") == (3389,)
    for text in ("x", "70000", "5010-5000", "1-2-3", "1-2000", "-1", "5000,,"):
        with pytest.raises(ApiError) as raised:
            parse_ports(text)
        assert raised.value.code is ErrorCode.E_INVALIDARG


def test_the_first_free_port_is_taken(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port, other = taken.getsockname()[1], free_port()
        with serving(Host(), tmp_path, properties={"TCP/Ports": f"{port},{other}"}) as server:
            assert server.info().port == other
        with pytest.raises(ApiError, match=f"no port of {port} is free"):
            find_module("").open_server(Host(), order(tmp_path, properties={"TCP/Ports": str(port)}))


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"properties": {"TCP/Address": "0.0.0.0"}}, "does not listen on 0.0.0.0 without a password"),
        ({"properties": {"TCP/Address": "::"}}, "without a password"),
        ({"properties": {"TCP/Address": "somewhere"}}, "no address"),
        ({"properties": {"Security/Method": "RDP"}}, "TLS or Negotiate"),
        ({"properties": {"Security/ServerPrivateKey": "x"}}, "needs Security/ServerCertificate"),
        ({"properties": {"Security/CACertificate": "x"}}, "needs Security/ServerCertificate"),
        ({"auth_type": "Guest"}, "Guest Additions"),
        ({"auth_type": "External"}, "VBoxAuthSimple/users/NAME"),
        ({"auth_type": "External", "auth_library": "VBoxAuth"}, "no authentication library"),
        ({"auth_type": "External", "secrets": USERS}, "encrypted only"),
    ],
)
def test_what_cannot_be_is_said(tmp_path, settings, sentence):
    with pytest.raises(ApiError, match=sentence):
        plan_server(order(tmp_path, **settings))


def test_a_password_opens_other_addresses(tmp_path):
    config = plan_server(order(tmp_path, properties={"TCP/Address": "0.0.0.0", **SECRET}))
    assert isinstance(config, RfbConfig)
    assert config.address == "0.0.0.0"
    assert config.password == "secret"


def _issue(folder, name, issuer, extension):
    """A certificate ``name.pem`` with its key, issued by another one or by itself."""
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", f"{name}.key")
    subject = ("-subj", f"/CN={name}", "-addext", f"basicConstraints=critical,CA:{extension}")
    sign = ("-CA", f"{issuer}.pem", "-CAkey", f"{issuer}.key") if issuer else ()
    command = ("openssl", "req", "-x509", *key, *subject, *sign, "-days", "9", "-out", f"{name}.pem")
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


@pytest.fixture
def certificates(tmp_path):
    """A root, an authority that it has issued, a server of the authority's, and a stranger."""
    for name, issuer, extension in (
        ("root", "", "TRUE"), ("authority", "root", "TRUE"), ("server", "authority", "FALSE"), ("stranger", "", "TRUE"),
    ):  # fmt: skip
        _issue(tmp_path, name, issuer, extension)
    return tmp_path


def _with_authority(name):
    return {
        "Security/ServerCertificate": "server.pem",
        "Security/ServerPrivateKey": "server.key",
        "Security/CACertificate": name,
    }


def test_clients_get_the_certificate_of_the_authority(certificates):
    context = ssl.create_default_context(cafile=certificates / "root.pem")
    context.check_hostname = False
    with serving(Host(), certificates, properties=_with_authority("authority.pem")) as server:
        port = server.info().port
        with Client(port, security=19, subtype=260, context=context) as client:
            assert client.name == "Test"


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("stranger.pem", "cannot be used with the CA certificate"), ("none.pem", "none.pem"), ("server.key", "server.key")],
)
def test_an_authority_that_has_not_issued_the_certificate(certificates, name, sentence):
    with pytest.raises(ApiError, match=sentence) as raised:
        find_module("").open_server(Host(), order(certificates, properties=_with_authority(name)))
    assert raised.value.code is ErrorCode.VBOX_E_FILE_ERROR


def test_unusable_certificates_and_unknown_modules_are_said(tmp_path):
    (tmp_path / "bad.pem").write_text("nothing")
    for name in ("bad.pem", "missing.pem"):
        with pytest.raises(ApiError, match=name) as raised:
            find_module("").open_server(
                Host(), order(tmp_path, properties={"Security/ServerCertificate": name})
            )
        assert raised.value.code is ErrorCode.VBOX_E_FILE_ERROR
    with pytest.raises(ApiError, match="'RDP'"):
        find_module("RDP")
