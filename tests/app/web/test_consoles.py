"""The way from a browser to an RFB server: who gets through, and that it ends."""

from __future__ import annotations

import asyncio
import hashlib
import struct
from pathlib import Path

import pytest
from starlette.websockets import WebSocketDisconnect

from app.api import ApiError
from app.vrde import security
from app.vrde.certificate import SELF_SIGNED_NAME, own_certificate
from app.vrde.des import vnc_response
from app.web import consoles
from app.web.consoles import SUBPROTOCOL, TOKEN_PREFIX
from app.web.rfbclient import DisplayPlace, open_display
from tests.app.vrde.fixtures import Host, serving
from tests.app.web.conftest import log_on

VERSION = b"RFB 003.008\n"
CHALLENGE = bytes(range(16))
MACHINE = "ws://localhost/api/v1/machines/guest/rfb"


async def _nobody():
    raise AssertionError("nobody is to be asked")


def _open(kinds, password="secret", asked="secret", version=VERSION):
    """Connect to a server that offers these kinds of authentication; returns what comes after it."""

    async def serve(reader, writer):
        writer.write(version)
        await reader.readexactly(12)
        writer.write(bytes([len(kinds), *kinds]) if kinds else b"\0\0\0\0\x02no")
        chosen = (await reader.readexactly(1))[0]
        if chosen == 2:
            writer.write(CHALLENGE)
            good = await reader.readexactly(16) == vnc_response(asked, CHALLENGE)
            if not good:
                writer.write(b"\0\0\0\1\0\0\0\5wrong")
                writer.close()
                return
        writer.write(b"\0\0\0\0ready")
        writer.close()

    async def run():
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            place = DisplayPlace("127.0.0.1", port, password, Path("none"))
            reader, writer = await open_display(place, _nobody)
            rest = await reader.read()
            writer.close()
            await writer.wait_closed()
            return rest

    return asyncio.run(run())


@pytest.mark.parametrize("kinds", [[1], [2], [19, 2], [19, 1]])
def test_authentication_at_the_machine(kinds):
    assert _open(kinds) == b"ready"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"kinds": [2], "password": "other"}, "refuses: wrong"),
        ({"kinds": [16]}, "no authentication that the console knows"),
        ({"kinds": []}, "refuses: no"),
        ({"kinds": [1], "version": b"SSH-2.0-abcd"}, "does not speak RFB"),
    ],
)
def test_machines_that_refuse(options, sentence):
    with pytest.raises(ApiError, match=sentence):
        _open(**options)


def _enter(folder, *, password="", trusted=SELF_SIGNED_NAME, **settings):
    """Name of the desktop of a display that lets TLS in only."""
    host = Host()
    settings.setdefault("properties", {})["Security/Method"] = "TLS"

    async def name_of(port):
        place = DisplayPlace("127.0.0.1", port, password, folder / trusted)
        reader, writer = await open_display(place, _nobody)
        writer.write(b"\1")
        head = await reader.readexactly(24)
        name = await reader.readexactly(struct.unpack(">I", head[20:])[0])
        assert writer.get_extra_info("cipher") is not None
        writer.close()
        await writer.wait_closed()
        return name.decode()

    with serving(host, folder, **settings) as server:
        return asyncio.run(name_of(server.info().port))


def test_displays_with_tls_only(tmp_path):
    assert _enter(tmp_path) == "Test"
    assert _enter(tmp_path, properties={"VNCPassword": "secret"}, password="secret") == "Test"


def test_only_the_machines_own_certificate_is_trusted(tmp_path):
    (tmp_path / "other").mkdir()
    own_certificate(tmp_path / "other", "Other")
    with pytest.raises(ApiError, match=r"is not the machine's \(self.signed certificate\)"):
        _enter(tmp_path, trusted=f"other/{SELF_SIGNED_NAME}")
    with pytest.raises(ApiError, match="nowhere.pem of the remote display cannot be read"):
        _enter(tmp_path, trusted="nowhere.pem")


@pytest.fixture
def display_of_ada(tmp_path, monkeypatch):
    """In place of a machine's display one that lets a user in only."""
    secrets = {"VBoxAuthSimple/users/ada": hashlib.sha256("tée".encode()).hexdigest()}
    tls = {"Security/Method": "TLS"}
    monkeypatch.setattr(security, "FAILURE_DELAY_SECONDS", 0)
    with serving(Host(), tmp_path, auth_type="External", secrets=secrets, properties=tls) as server:

        async def place(_client, _machine):
            return DisplayPlace("127.0.0.1", server.info().port, "", tmp_path / SELF_SIGNED_NAME)

        monkeypatch.setattr(consoles, "_place_of", place)
        yield server


def _identify(socket, sent):
    """VeNCrypt Plain as a browser."""
    assert socket.receive_bytes() == VERSION
    socket.send_bytes(VERSION)
    assert socket.receive_bytes() == b"\1\x13"
    socket.send_bytes(b"\x13")
    assert socket.receive_bytes() == b"\0\2"
    socket.send_bytes(b"\0\2")
    assert socket.receive_bytes() == b"\0\1\0\0\1\0"
    socket.send_bytes(b"\0\0\1\0")
    socket.send_bytes(sent)


def _plain(user, password):
    name, secret = user.encode(), password.encode()
    return struct.pack(">II", len(name), len(secret)) + name + secret


def test_a_display_that_wants_a_user_asks_the_browser(web, display_of_ada):
    token = log_on(web)
    with web.websocket_connect(MACHINE, [SUBPROTOCOL, TOKEN_PREFIX + token]) as socket:
        _identify(socket, _plain("ada", "tée"))
        assert socket.receive_bytes() == bytes(4)
        socket.send_bytes(b"\1")
        assert socket.receive_bytes()[:4] == struct.pack(">HH", 200, 150)
        assert display_of_ada.info().user == "ada"


def test_a_wrong_user_is_told_so(web, display_of_ada):
    token = log_on(web)
    with web.websocket_connect(MACHINE, [SUBPROTOCOL, TOKEN_PREFIX + token]) as socket:
        _identify(socket, _plain("ada", "coffee"))
        with pytest.raises(WebSocketDisconnect) as error:
            socket.receive_bytes()
    assert error.value.code == consoles.CLOSE_WRONG_USER
    assert error.value.reason == "The remote display refuses: The password is wrong."


@pytest.mark.parametrize(
    "sent",
    [b"", b"\0\0\0\1\0\0\0\1a", _plain("ada", "tea") + b"x", _plain("a" * 1025, ""),
     struct.pack(">II", 1, 1) + b"\xff\xff"],
)  # fmt: skip
def test_what_is_no_name_and_password_is_closed(web, display_of_ada, sent):
    token = log_on(web)
    with web.websocket_connect(MACHINE, [SUBPROTOCOL, TOKEN_PREFIX + token]) as socket:
        _identify(socket, sent)
        with pytest.raises(WebSocketDisconnect) as error:
            socket.receive_bytes()
    assert error.value.code == 1000


@pytest.mark.parametrize("subprotocols", [[], [SUBPROTOCOL], [TOKEN_PREFIX + "forged"], [TOKEN_PREFIX]])
def test_consoles_need_a_token(web, subprotocols):
    with pytest.raises(WebSocketDisconnect), web.websocket_connect(MACHINE, subprotocols):
        pass


def test_consoles_are_for_pages_of_this_service(web):
    token = log_on(web)
    with pytest.raises(WebSocketDisconnect), web.websocket_connect(
        MACHINE, [TOKEN_PREFIX + token], headers={"Origin": "http://evil.example"}
    ):
        pass


def test_a_machine_without_display_is_told(web):
    token = log_on(web)
    with (
        web.websocket_connect(MACHINE, [SUBPROTOCOL, TOKEN_PREFIX + token]) as socket,
        pytest.raises(WebSocketDisconnect) as error,
    ):
        socket.receive_bytes()
    assert error.value.code == consoles.CLOSE_NO_DISPLAY
    assert "guest" in error.value.reason


@pytest.fixture
def echo(monkeypatch):
    """In place of a machine's display a server that answers what it gets."""

    async def no_place(_client, _machine):
        return "", 0, ""

    async def open_echo(*_place):
        async def serve(reader, writer):
            while part := await reader.read(100):
                if part == b"end":
                    break
                writer.write(part)
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        return await asyncio.open_connection(*server.sockets[0].getsockname())

    monkeypatch.setattr(consoles, "_place_of", no_place)
    monkeypatch.setattr(consoles, "open_display", open_echo)


def _greet(socket):
    assert socket.accepted_subprotocol == SUBPROTOCOL
    assert socket.receive_bytes() == VERSION
    socket.send_bytes(VERSION)
    assert socket.receive_bytes() == b"\1\1"
    socket.send_bytes(b"\1")
    assert socket.receive_bytes() == bytes(4)


def test_bytes_go_both_ways_until_the_machine_ends(web, echo):
    token = log_on(web)
    with web.websocket_connect(MACHINE, [SUBPROTOCOL, TOKEN_PREFIX + token]) as socket:
        _greet(socket)
        socket.send_bytes(b"hello")
        assert socket.receive_bytes() == b"hello"
        socket.send_bytes(b"end")
        with pytest.raises(WebSocketDisconnect):
            socket.receive_bytes()


def test_a_console_ends_with_its_session(web, echo):
    token = log_on(web)
    with web.websocket_connect(MACHINE, [SUBPROTOCOL, TOKEN_PREFIX + token]) as socket:
        _greet(socket)
        assert web.post("/api/v1/logoff").status_code == 204
        with pytest.raises(WebSocketDisconnect) as error:
            socket.receive_bytes()
    assert error.value.code == consoles.CLOSE_SESSION_OVER


@pytest.mark.parametrize("first", [b"RFB 003.003\n", b"", b"GET / HTTP/1"])
def test_what_does_not_greet_is_closed(web, echo, first):
    token = log_on(web)
    with web.websocket_connect(MACHINE, [SUBPROTOCOL, TOKEN_PREFIX + token]) as socket:
        socket.receive_bytes()
        socket.send_bytes(first)
        with pytest.raises(WebSocketDisconnect):
            socket.receive_bytes()


def test_text_instead_of_bytes_is_closed(web, echo):
    token = log_on(web)
    with web.websocket_connect(MACHINE, [SUBPROTOCOL, TOKEN_PREFIX + token]) as socket:
        _greet(socket)
        socket.send_text("hello")
        with pytest.raises(WebSocketDisconnect):
            socket.receive_bytes()
