"""The listener: accepts clients, checks who they are, and leaves when nobody needs the service."""

from __future__ import annotations

import hmac
import logging
import multiprocessing.connection
import os
import secrets
import sys
import threading
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Final

from app.api.address import ServiceAddress, ServicePlace
from app.api.errors import ApiError, ErrorCode
from app.api.filelock import FileLock
from app.api.messages import PROTOCOL_VERSION, Failure, Hello, Welcome
from app.api.transport import Channel, ChannelClosedError
from app.service.deadlines import Deadline, Deadlines
from app.service.dispatch import load_handlers
from app.service.guestproperties import GuestPropertyStore
from app.service.hub import EventHub
from app.service.library import MediaLibrary
from app.service.listener import ServiceListener, listen
from app.service.log import close_log, open_log
from app.service.mediachanges import MediaChanges
from app.service.metrics.collector import PerformanceCollector
from app.service.netprocesses import NetworkProcesses
from app.service.peer import Peer
from app.service.progress import Operations
from app.service.registry import Registry
from app.service.sessions import Sessions
from app.service.sharedfolders import TransientFolders
from app.service.snapshots.recovery import finish_interrupted
from app.service.snapshots.work import SnapshotKeeper
from app.service.watching import FileWatcher

if TYPE_CHECKING:
    from app.service.config import ServiceConfig

_logger = logging.getLogger(__name__)

_LOCK_SECONDS: Final = 5.0
_ACCEPT_PAUSE_SECONDS: Final = 0.1
_FIRST_CLIENT_SECONDS: Final = 10.0
_MAX_QUEUED_MESSAGES: Final = 5_000
_MAX_QUEUED_BYTES: Final = 32 << 20


class AnotherServiceError(Exception):
    """A service for this configuration directory is running already."""


class Service:
    """The service of one configuration directory.

    Attributes:
        config: Delays and limits.
        place: Its files.
        hub: Fan-out of events.
        deadlines: Functions to be called later.
        operations: What takes long, with its progress.
        registry: The machines and the properties of the installation.
        library: The media that are known.
        media_changes: What changes them.
        sessions: The VM processes.
        snapshots: What is done with the snapshots of machines.
        performance: Metrics of host and machines.
        guest_properties: Guest properties of the machines.
        transient_folders: Shared folders that end with their machine's session.
        networks: Processes of NAT networks and DHCP servers.
    """

    _listener: ServiceListener
    _log: logging.Handler

    def __init__(
        self, home: Path, config: ServiceConfig, *, allowed_uid: int | None = None
    ) -> None:
        self.config = config
        self.place = ServicePlace(home)
        self.hub = EventHub()
        self.deadlines = Deadlines()
        self.operations = Operations(self.hub, self.deadlines)
        self._allowed_uid = allowed_uid
        if allowed_uid is None and sys.platform != "win32":
            self._allowed_uid = os.getuid()
        self._token = secrets.token_hex(16)
        self._lock = threading.Lock()
        self._peers: set[Peer] = set()
        self._connections = 0
        self._idle: Deadline | None = None
        self._served_anybody = False
        self._stopping = threading.Event()
        self._service_lock = FileLock(self.place.lock_path)
        self.registry = Registry(home, self.hub)
        self.library = MediaLibrary(self.registry)
        self.media_changes = MediaChanges(self.registry, self.library, self.hub)
        self._watcher = FileWatcher(self.registry.watched)
        self.sessions = Sessions(home, config, self.update_idle)
        self.snapshots = SnapshotKeeper(home, self.registry, self.library, self.sessions)
        self.performance = PerformanceCollector(self.registry)
        self.guest_properties = GuestPropertyStore(self.hub)
        self.transient_folders = TransientFolders()
        self.networks = NetworkProcesses(home, self.registry)

    def open(self) -> None:
        """Become the service: take the lock, load the registry, publish the address.

        Raises:
            AnotherServiceError: There is one, and it answers.
            ApiError: The service cannot work here; tells why.
            OSError: A file of the configuration directory cannot be used.
        """
        self._take_lock()
        try:
            self._log = open_log(self.place.home)
            load_handlers()
            self.registry.open()
            self.networks.follow()
            self.sessions.adopt(self.registry.get)
            self._listen()
            self._watcher.start()
            finish_interrupted(self)
        except BaseException:
            self._service_lock.release()
            raise
        self.update_idle()

    def run(self) -> None:
        """Accept clients until :meth:`stop`, then give everything back. On the main thread."""
        while not self._stopping.is_set():
            try:
                connection = self._listener.accept()
            except OSError as error:
                _logger.error("Accepting a connection failed: %s", error)
                time.sleep(_ACCEPT_PAUSE_SECONDS)
                continue
            if connection is None:
                continue
            with self._lock:
                # Under the lock: the idle exit must not be decided between these two lines.
                stopping = self._stopping.is_set()
                self._connections += not stopping
                crowded = self._connections > self.config.max_clients
            if stopping:
                # Its client finds no greeting and looks for the next service.
                connection.close()
                break
            threading.Thread(
                target=self._serve, args=(connection, crowded), name="client", daemon=True
            ).start()
        self._close()

    def stop(self, reason: str) -> None:
        """Have :meth:`run` return soon; from any thread or a signal handler."""
        _logger.info("Leaving: %s", reason)
        self._stopping.set()
        try:
            self._listener.wake()
        except OSError:
            _logger.exception("The listener could not be woken")

    def update_idle(self) -> None:
        """Arm or disarm the exit: to be called whenever a client or a VM process comes or goes.

        A service that is leaving needs no exit any more.
        """
        with self._lock:
            if self._idle is not None:
                self._idle.cancel()
                self._idle = None
            if self._stopping.is_set():
                return
            if not self._connections and not self.sessions.any_live:
                # Whoever started the service is on the way, however slow the host is.
                first = 0.0 if self._served_anybody else _FIRST_CLIENT_SECONDS
                delay = max(self.config.idle_seconds, first)
                self._idle = self.deadlines.after(delay, self._on_idle)

    def _on_idle(self) -> None:
        with self._lock:
            if self._stopping.is_set() or self._connections or self.sessions.any_live:
                return
            self._stopping.set()
        self.stop("nobody needs the service any more")

    # -- becoming and ceasing to be the service ------------------------------------------------

    def _take_lock(self) -> None:
        deadline = time.monotonic() + _LOCK_SECONDS
        while not self._service_lock.try_acquire():
            address = self.place.read()
            if address is not None:
                try:
                    multiprocessing.connection.Client(address.address, address.family).close()
                except OSError:
                    # It is coming or going.
                    pass
                else:
                    raise AnotherServiceError
            if time.monotonic() > deadline:
                raise ApiError(
                    ErrorCode.VBOX_E_TIMEOUT,
                    f"Another service holds '{self.place.lock_path}' and does not answer.",
                    "service",
                )
            time.sleep(0.02)

    def _listen(self) -> None:
        address, family = self.place.socket_address()
        self._listener = listen(address, family)
        self.place.write(
            ServiceAddress(address=address, family=family, pid=os.getpid(), token=self._token)
        )
        _logger.info("Listening at '%s'", address)

    def _close(self) -> None:
        self.place.address_path.unlink(missing_ok=True)
        self._listener.close()
        with self._lock:
            peers = list(self._peers)
        for peer in peers:
            peer.channel.close("the service leaves")
        self.update_idle()
        self._watcher.stop()
        self.networks.close()
        self.registry.close()
        _logger.info("Service left")
        close_log(self._log)
        self._service_lock.release()

    # -- one client ----------------------------------------------------------------------------

    def _serve(self, connection: Connection, crowded: bool) -> None:
        """Greet a client and serve it until it goes. On its reader thread."""
        self.update_idle()
        channel = Channel(
            connection,
            "client",
            max_queued_messages=_MAX_QUEUED_MESSAGES,
            max_queued_bytes=_MAX_QUEUED_BYTES,
        )
        peer = None
        try:
            peer = self._greet(channel, crowded=crowded)
            if peer is not None:
                self._serve_peer(peer)
        finally:
            channel.dispose()
            with self._lock:
                self._connections -= 1
            self.update_idle()

    def _greet(self, channel: Channel, *, crowded: bool) -> Peer | None:
        limit = self.deadlines.after(
            self.config.greeting_seconds, lambda: channel.abort("it sent no greeting")
        )
        try:
            self._check_user(channel)
            hello = channel.receive()
            self._check_greeting(hello)
            self._check_room(crowded=crowded)
        except ChannelClosedError as ended:
            _logger.debug("A connection ended before its greeting: %s", ended)
            return None
        except ApiError as error:
            _logger.warning("A client was refused: %s", error)
            channel.send(Failure.from_error(0, error))
            channel.close("refused")
            return None
        finally:
            limit.cancel()
        assert isinstance(hello, Hello)
        channel.name = hello.client_name[:40]
        return Peer(self, channel, hello)

    def _check_user(self, channel: Channel) -> None:
        credentials = channel.peer_credentials()
        if credentials is None or self._allowed_uid is None:
            return
        pid, uid = credentials
        if uid != self._allowed_uid:
            raise ApiError(
                ErrorCode.E_ACCESSDENIED,
                f"Process {pid} belongs to user {uid}; "
                f"this service is for user {self._allowed_uid} only.",
                "service",
            )

    def _check_greeting(self, hello: object) -> None:
        if not isinstance(hello, Hello):
            raise ApiError(
                ErrorCode.E_INVALIDARG,
                f"The first message must be a greeting, not {type(hello).__name__}.",
                "service",
            )
        if hello.protocol != PROTOCOL_VERSION:
            raise ApiError(
                ErrorCode.VBOX_E_NOT_SUPPORTED,
                f"The client speaks version {hello.protocol} of the API, the running service "
                f"(process {os.getpid()}) version {PROTOCOL_VERSION}. Close all Vitrine programs.",
                "service",
            )
        if not hmac.compare_digest(hello.token.encode(), self._token.encode()):
            raise ApiError(
                ErrorCode.E_ACCESSDENIED, "The client does not know the service's token.", "service"
            )

    def _check_room(self, *, crowded: bool) -> None:
        if crowded:
            raise ApiError(
                ErrorCode.VBOX_E_MAXIMUM_REACHED,
                f"{self.config.max_clients} clients are connected already.",
                "service",
            )

    def _serve_peer(self, peer: Peer) -> None:
        with self._lock:
            self._peers.add(peer)
            self._served_anybody = True
        # The greeting first: an event must not overtake it.
        peer.channel.send(Welcome(protocol=PROTOCOL_VERSION, pid=os.getpid()))
        self.hub.add(peer.channel)
        _logger.info("%s connected", peer)
        try:
            peer.serve()
        finally:
            self.hub.remove(peer.channel)
            with self._lock:
                self._peers.discard(peer)
            for machine in peer.machines:
                self.sessions.peer_gone(machine, peer)
                machine.release_lock_of(peer)
            _logger.info("%s is gone: %s", peer, peer.channel.end_reason)
