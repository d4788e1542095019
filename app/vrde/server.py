"""The RFB server of a machine: one thread with an event loop, and one that encodes.

An update is encoded when its client has taken the one before, from the tiles that have changed
since. So a slow client gets fewer pictures, never a backlog, no client waits for another, and the
emulation thread has nothing to do with any of it.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from app.api.errors import ApiError, ErrorCode
from app.console.screenpace import IDLE_SECONDS, Pace
from app.vrde.certificate import anonymous_context, certificate_context, own_certificate
from app.vrde.channel import Channel, ProtocolError
from app.vrde.config import plan_server
from app.vrde.failures import FailureLimit
from app.vrde.module import ServerInfo
from app.vrde.screen import SharedScreen
from app.vrde.security import Handshake, Identity, Refused, TlsContexts
from app.vrde.session import Session

if TYPE_CHECKING:
    from app.vrde.config import RfbConfig
    from app.vrde.module import DisplayHost, ServerOrder

_logger = logging.getLogger(__name__)

MAX_CONNECTIONS: Final = 256
"""More are disconnected at once, so that nobody can take all memory or files."""
_BACKLOG: Final = 128
_LOOK_SHARE: Final = 0.5
_JOIN_SECONDS: Final = 10.0


class RfbModule:
    """The built-in :class:`app.vrde.module.DisplayModule`."""

    def open_server(self, host: DisplayHost, order: ServerOrder) -> RfbServer:
        """See :class:`app.vrde.module.DisplayModule`."""
        config = plan_server(order)
        return RfbServer(host, order, config, _contexts(order, config))


def _contexts(order: ServerOrder, config: RfbConfig) -> TlsContexts | None:
    if not config.tls:
        return None
    if config.certificate is not None:
        certified = certificate_context(*config.certificate, config.authority)
        return TlsContexts(anonymous_context(), certified)
    own = own_certificate(order.folder, order.machine)
    return TlsContexts(anonymous_context(), certificate_context(own, own))


class RfbServer:
    """Serves one screen, from construction to :meth:`close`.

    Args:
        host: the machine.
        order: what it asks for.
        config: what that means.
        tls: present when the configuration offers TLS.

    Raises:
        ApiError: ``VBOX_E_HOST_ERROR``: no port is free, or the address is not this host's.
    """

    def __init__(
        self, host: DisplayHost, order: ServerOrder, config: RfbConfig, tls: TlsContexts | None
    ) -> None:
        self._host = host
        self._order = order
        self._config = config
        self._tls = tls
        self._failures = FailureLimit()
        self._info = ServerInfo(port=-1, address=config.address)
        self._tasks: set[asyncio.Task[None]] = set()
        # Clients that were let in; with their session as soon as they have one.
        self._clients: dict[Channel, Session | None] = {}
        self._past_sent = self._past_received = 0
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="vrde-encoder")
        self.screen = SharedScreen(host.open_surface())
        started: Future[None] = Future()
        self._thread = threading.Thread(
            target=self._run, args=(started,), name="vrde", daemon=True
        )
        self._thread.start()
        try:
            started.result()
        except BaseException:
            self._thread.join()
            self._executor.shutdown()
            raise

    # ------------------------------------------------------------------ from any thread

    def info(self) -> ServerInfo:
        """What is known of it; from any thread."""
        channels = list(self._clients)
        return replace(
            self._info,
            clients=tuple(channel.name for channel in channels),
            bytes_sent=self._past_sent + sum(channel.sent for channel in channels),
            bytes_received=self._past_received + sum(channel.received for channel in channels),
        )

    def close(self) -> None:
        """Disconnect all clients and give back what it holds; waits for that."""
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(_JOIN_SECONDS)
        self._executor.shutdown(wait=True)

    # ------------------------------------------------------------------ the server's thread

    def _run(self, started: Future[None]) -> None:
        try:
            asyncio.run(self._serve(started))
        except Exception as error:
            if started.done():
                _logger.exception("Remote display: it ends early")
            else:
                started.set_exception(error)

    async def _serve(self, started: Future[None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        self._poke = asyncio.Event()
        server = await self._listen()
        self._info = replace(self._info, port=server.sockets[0].getsockname()[1])
        watching = asyncio.create_task(self._watch())
        started.set_result(None)
        await self._stopping.wait()
        server.close()
        tasks = [watching, *self._tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _listen(self) -> asyncio.Server:
        config = self._config
        for port in config.ports:
            try:
                return await asyncio.start_server(
                    self._accept, config.address, port, backlog=_BACKLOG
                )
            except OSError as error:
                if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                    raise ApiError(
                        ErrorCode.VBOX_E_HOST_ERROR,
                        f"The remote display cannot listen on {config.address}, port {port}: "
                        f"{error.strerror}",
                        "vrde",
                    ) from error
        ports = ", ".join(map(str, config.ports[:5])) + ("..." if len(config.ports) > 5 else "")
        raise ApiError(
            ErrorCode.VBOX_E_HOST_ERROR,
            f"The remote display cannot listen on {config.address}: no port of {ports} is free.",
            "vrde",
        )

    async def _watch(self) -> None:
        """Look at the screen as long as a client waits for a change."""
        pace = Pace(_LOOK_SHARE)
        while True:
            while not any(session.waiting for session in self._sessions()):
                self._poke.clear()
                await self._poke.wait()
                pace.expect_change(time.monotonic())
            self._poke.clear()
            started = time.monotonic()
            changed = await self.look()
            now = time.monotonic()
            delay = pace.delay(now, now - started, changed=changed)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(delay, IDLE_SECONDS)):
                    await self._poke.wait()

    async def look(self) -> bool:
        """Bring the screen up to date at once; tells whether it has changed."""
        try:
            tiles = await self._loop.run_in_executor(self._executor, self.screen.look)
        except Exception:
            # The next look may succeed; clients keep the last picture.
            _logger.exception("Remote display: the screen could not be rendered")
            await asyncio.sleep(IDLE_SECONDS)
            return False
        changed = tiles is None or bool(tiles.any())
        for session in self._sessions():
            if changed or session.pointing_has_changed():
                session.screen_changed(tiles)
        return changed

    def _sessions(self) -> list[Session]:
        return [session for session in self._clients.values() if session is not None]

    async def encode(self, work: Callable[[], list[bytes]]) -> list[bytes]:
        """Run something on the encoder's thread."""
        return await self._loop.run_in_executor(self._executor, work)

    def look_soon(self) -> None:
        """A client waits for a change of the screen, or has caused one."""
        self._poke.set()

    # ------------------------------------------------------------------ clients

    async def _accept(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        if task is None or len(self._tasks) >= MAX_CONNECTIONS:
            writer.transport.abort()
            return
        self._tasks.add(task)
        channel = Channel(reader, writer)
        try:
            await self._serve_client(channel)
        except (ProtocolError, Refused) as error:
            _logger.info("Remote display: %s: %s", channel.name, error)
        except OSError as error:
            _logger.info("Remote display: %s has gone: %s", channel.name, error)
        except asyncio.CancelledError:
            # The server closes, or another client has taken over; nobody awaits this task.
            channel.abort()
        except Exception:
            _logger.exception("Remote display: a mistake of the program")
        finally:
            self._tasks.discard(task)
            self._dismiss(channel)
            await channel.close()

    async def _serve_client(self, channel: Channel) -> None:
        handshake = Handshake(
            channel, self._config, self._tls, self._failures, lambda: self._admit(channel)
        )
        identity = await handshake.run()
        session = Session(channel, self, self._host, self._order.machine)
        self._clients[channel] = session
        self._welcome(channel, identity)
        await session.run()

    def _admit(self, channel: Channel) -> None:
        """Let a client in that may.

        Raises:
            Refused: another one is connected, and the settings allow one at a time.
        """
        if self._clients and not self._config.shared:
            if not self._config.takeover:
                raise Refused("Another client is connected to this machine.")
            for other in self._clients:
                other.abort()
        self._clients[channel] = None

    def _welcome(self, channel: Channel, identity: Identity) -> None:
        how = f", {identity.encryption}" if identity.encryption else ""
        _logger.info("Remote display: %s is connected%s", channel.name, how)
        self._info = replace(
            self._info,
            total_clients=self._info.total_clients + 1,
            user=identity.user,
            encryption=identity.encryption,
            begin_time=time.time(),
        )
        self._order.changed()

    def _dismiss(self, channel: Channel) -> None:
        if channel not in self._clients:
            return
        served = self._clients.pop(channel) is not None
        self._past_sent += channel.sent
        self._past_received += channel.received
        if served:
            _logger.info("Remote display: %s is disconnected", channel.name)
            self._info = replace(self._info, end_time=time.time())
            self._order.changed()
