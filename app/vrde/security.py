"""Handshake of RFB: versions, security types, authentication (RFC 6143, 7.1 and 7.2; VeNCrypt 0.2).

References for VeNCrypt: rfbproto.rst, "VeNCrypt". RFB 3.3 and 3.7 are spoken too.
"""

from __future__ import annotations

import asyncio
import hmac
import re
import secrets
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.vrde.channel import Channel, ProtocolError
from app.vrde.des import vnc_response
from app.vrde.failures import FAILURE_DELAY_SECONDS, FailureLimit
from app.vrde.protocol import PLAIN_LIMIT, VENCRYPT_VERSION, VERSION, Security, VeNCrypt
from app.vrde.users import password_is_right

if TYPE_CHECKING:
    import ssl

    from app.vrde.config import RfbConfig

PERSON_SECONDS: Final = 60.0
"""Time to type a password, beyond what the client's program has."""
_VERSION_PATTERN: Final = re.compile(rb"RFB (\d{3})\.(\d{3})\n")


class Refused(Exception):  # noqa: N818 - not the server's error: what the client is told
    """The client is not let in; the sentence says why."""


@dataclass(frozen=True)
class TlsContexts:
    """Contexts of the two kinds of VeNCrypt types.

    Attributes:
        anonymous: of the TLS types.
        certified: of the X509 types.
    """

    anonymous: ssl.SSLContext
    certified: ssl.SSLContext


@dataclass(frozen=True)
class Identity:
    """Who was let in.

    Attributes:
        user: name, where one was told.
        encryption: in words; empty for none.
        shared: the client's wish to leave other clients connected.
    """

    user: str = ""
    encryption: str = ""
    shared: bool = True


class Handshake:
    """Lets one client in, or not.

    Args:
        channel: to the client.
        config: of the server.
        tls: present when the configuration offers TLS.
        failures: of all clients.
        admit: takes the client up, or raises :class:`Refused`.
    """

    def __init__(
        self,
        channel: Channel,
        config: RfbConfig,
        tls: TlsContexts | None,
        failures: FailureLimit,
        admit: Callable[[], None],
    ) -> None:
        self._channel = channel
        self._config = config
        self._tls = tls
        self._failures = failures
        self._admit = admit
        self._minor = 8
        self._user = ""
        self._encryption = ""

    async def run(self) -> Identity:
        """Agree on everything up to the client's first message.

        Raises:
            Refused: wrong password and the like; the client knows.
            ProtocolError: it does not speak RFB.
            OSError: it has gone, or took too long (``TimeoutError``).
        """
        async with asyncio.timeout(self._config.handshake_seconds):
            await self._agree_on_version()
            security = await self._choose(self._offers())
            method = await self._begin_vencrypt() if security is Security.VENCRYPT else security
        try:
            async with asyncio.timeout(PERSON_SECONDS + self._config.handshake_seconds):
                await self._authenticate(method)
            self._admit()
        except Refused as refusal:
            await self._tell_result(security, str(refusal))
            raise
        await self._tell_result(security, None)
        async with asyncio.timeout(self._config.handshake_seconds):
            shared = await self._channel.read_number("B")
        return Identity(self._user, self._encryption, bool(shared))

    async def _agree_on_version(self) -> None:
        await self._channel.send(VERSION)
        match = _VERSION_PATTERN.fullmatch(await self._channel.read(len(VERSION)))
        if match is None or int(match[1]) != 3:
            raise ProtocolError("It does not speak RFB 3.")
        # Other numbers than the published ones count as 3.3 (7.1.1), later ones as 3.8.
        minor = int(match[2])
        self._minor = minor if minor in (7, 8) else 8 if minor > 8 else 3

    def _offers(self) -> list[Security]:
        offers = []
        if self._tls is not None and self._minor > 3:
            offers.append(Security.VENCRYPT)
        if self._config.plain and self._config.users is None:
            offers.append(Security.NONE if self._config.password is None else Security.VNC)
        return offers

    async def _choose(self, offers: list[Security]) -> Security:
        reason = ""
        if self._failures.refuses(self._channel.address, time.monotonic()):
            reason = "Too many wrong passwords came from this address; try again later."
        elif not offers:
            reason = "This server wants TLS (VeNCrypt), which needs a client of RFB 3.7 or later."
        if reason:
            head = struct.pack(">I", 0) if self._minor == 3 else b"\0"
            await self._channel.send(head, _text(reason))
            raise Refused(reason)
        if self._minor == 3:
            await self._channel.send(struct.pack(">I", offers[-1]))
            return offers[-1]
        await self._channel.send(bytes((len(offers), *offers)))
        chosen = await self._channel.read_number("B")
        if chosen not in offers:
            raise ProtocolError(f"It chose the security type {chosen}, which was not offered.")
        return Security(chosen)

    async def _begin_vencrypt(self) -> VeNCrypt:
        channel, tls = self._channel, self._tls
        assert tls is not None
        await channel.send(VENCRYPT_VERSION)
        if await channel.read(2) != VENCRYPT_VERSION:
            await channel.send(b"\xff")
            raise ProtocolError("It does not speak VeNCrypt 0.2.")
        offers = self._vencrypt_offers()
        await channel.send(b"\0", bytes((len(offers),)), struct.pack(f">{len(offers)}I", *offers))
        chosen = await channel.read_number("I")
        if chosen not in offers:
            await channel.send(b"\0")
            raise ProtocolError(f"It chose the type {chosen} of VeNCrypt, which was not offered.")
        method = VeNCrypt(chosen)
        anonymous = method in (VeNCrypt.TLS_NONE, VeNCrypt.TLS_VNC)
        await channel.send(b"\1")
        context = tls.anonymous if anonymous else tls.certified
        self._encryption = await channel.start_tls(context, self._config.handshake_seconds)
        return method

    def _vencrypt_offers(self) -> list[VeNCrypt]:
        if self._config.users is not None:
            return [VeNCrypt.X509_PLAIN]
        if self._config.password is not None:
            return [VeNCrypt.X509_VNC, VeNCrypt.TLS_VNC]
        return [VeNCrypt.X509_NONE, VeNCrypt.TLS_NONE]

    async def _authenticate(self, method: Security | VeNCrypt) -> None:
        if method in (Security.NONE, VeNCrypt.TLS_NONE, VeNCrypt.X509_NONE):
            return
        if method is VeNCrypt.X509_PLAIN:
            right = await self._plain_is_right()
        else:
            right = await self._vnc_is_right()
        address = self._channel.address
        # Also those who guess on many connections at once run into the limit.
        if self._failures.refuses(address, time.monotonic()):
            right = False
        elif right:
            self._failures.succeeded(address)
        else:
            self._failures.failed(address, time.monotonic())
        if not right:
            await asyncio.sleep(FAILURE_DELAY_SECONDS)
            raise Refused("The password is wrong.")

    async def _vnc_is_right(self) -> bool:
        challenge = secrets.token_bytes(16)
        await self._channel.send(challenge)
        response = await self._channel.read(16)
        password = self._config.password
        assert password is not None
        return hmac.compare_digest(response, vnc_response(password, challenge))

    async def _plain_is_right(self) -> bool:
        lengths = await self._channel.read(8)
        user_length, password_length = struct.unpack(">II", lengths)
        if max(user_length, password_length) > PLAIN_LIMIT:
            raise ProtocolError("It sent a name or a password of more than a kilobyte.")
        user = (await self._channel.read(user_length)).decode("utf-8", "replace")
        password = await self._channel.read(password_length)
        users = self._config.users
        assert users is not None
        self._user = user
        return password_is_right(users, user, password)

    async def _tell_result(self, security: Security, reason: str | None) -> None:
        if reason is None:
            # Before 3.8 there is no result where there was nothing to get wrong.
            if self._minor == 8 or security is not Security.NONE:
                await self._channel.send(struct.pack(">I", 0))
        elif self._minor == 8:
            await self._channel.send(struct.pack(">I", 1), _text(reason))
        elif security is not Security.NONE:
            await self._channel.send(struct.pack(">I", 1))


def _text(sentence: str) -> bytes:
    data = sentence.encode("utf-8")
    return struct.pack(">I", len(data)) + data
