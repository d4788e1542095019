"""The synchronous client of the Main API.

Threading: a :class:`Client` may be used from any number of threads. A *reader* thread receives
everything: it finishes waiting calls and runs the callbacks of subscribers and of
:meth:`Client.start_call`; those must be quick and may not call the service themselves (they would
wait for an answer that only their own thread can receive; such a call fails with ``E_UNEXPECTED``).
A *console* thread, present after :meth:`Client.serve`, runs the console calls of other clients one
after the other; it may call the service.
"""

from __future__ import annotations

import itertools
import queue
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, Self, cast

import msgspec

from app.api.address import ServicePlace
from app.api.errors import ApiError, ErrorCode
from app.api.messages import (
    Call,
    Cancel,
    EventMessage,
    Failure,
    Message,
    Progress,
    Reply,
    Welcome,
    pack,
)
from app.api.reach import reach_service
from app.api.schema import Facade, Method, find_method
from app.api.transport import Channel, ChannelClosedError, lost_error
from app.decoding import decoder_of
from app.settings.paths import config_folder

# Imported late, by those that need them: a command-line call needs neither.
if TYPE_CHECKING:
    import logging

    from app.api import interfaces
    from app.api.events import Event
    from app.api.eventstream import EventStream

Subscriber = Callable[["Event"], None]
ProgressCallback = Callable[[int, str], None]
"""Gets percent (0 to 100) and a description."""

_event_decoders: Final[dict[str, msgspec.msgpack.Decoder[Event]]] = {}


class PendingCall:
    """A call whose answer has not come yet.

    Attributes:
        method: What is called.
        progress_id: Names the operation to other clients once it has told any progress; see
            :meth:`Client.progress`.
    """

    def __init__(
        self,
        client: Client,
        call_id: int,
        method: Method,
        on_result: Callable[[Any], None],
        on_error: Callable[[ApiError], None],
        on_progress: ProgressCallback | None,
    ) -> None:
        self.method = method
        self.progress_id = ""
        self._client = client
        self._id = call_id
        self._on_result = on_result
        self._on_error = on_error
        self._on_progress = on_progress

    def cancel(self) -> None:
        """Ask the service to give up the call; it then fails with ``E_ABORT``, if it can be."""
        self._client._send(Cancel(id=self._id))

    def _finish(self, answer: Reply | Failure) -> None:
        if isinstance(answer, Failure):
            self._on_error(answer.to_error())
            return
        try:
            result = self.method.decode_result(answer.result)
        except ApiError as error:
            self._on_error(error)
            return
        self._on_result(result)

    def _fail(self, error: ApiError) -> None:
        self._on_error(error)

    def _progress(self, message: Progress) -> None:
        self.progress_id = message.progress_id
        if self._on_progress is not None:
            self._on_progress(message.percent, message.description)


class Client:
    """A connection to the service; made by :func:`connect`.

    Attributes:
        name: Name of this client, as the service's log shows it.
        welcome: What the service said about itself.
    """

    def __init__(
        self,
        channel: Channel,
        welcome: Welcome,
        name: str,
        on_lost: Callable[[ApiError], None] | None = None,
    ) -> None:
        self.name = name
        self.welcome = welcome
        self._channel = channel
        self._on_lost = on_lost
        self._ids = itertools.count(1)
        self._lock = threading.Lock()
        self._pending: dict[int, PendingCall] = {}
        self._subscribers: list[Subscriber] = []
        self._streams: list[EventStream] = []
        self._lost: ApiError | None = None
        self._closing = False
        self._console: object | None = None
        self._debugger: object | None = None
        self._console_calls: queue.SimpleQueue[Call | None] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, name=f"{channel.name}-in", daemon=True)
        self._reader.start()

    # -- calling -------------------------------------------------------------------------------

    @property
    def virtualbox(self) -> interfaces.VirtualBox:
        """Registry of machines, media and properties."""
        return cast("interfaces.VirtualBox", Facade("virtualbox", self.invoke))

    def machine(self, machine_id: str) -> interfaces.Machine:
        """Façade of one machine; does not ask whether it exists."""
        return cast("interfaces.Machine", Facade("machine", self.invoke, machine_id))

    def medium(self, medium_id: str) -> interfaces.Medium:
        """Façade of one known medium, by UUID or absolute path; does not ask whether it exists."""
        return cast("interfaces.Medium", Facade("medium", self.invoke, medium_id))

    def console(self, machine_id: str) -> interfaces.Console:
        """Façade of the console of a running machine."""
        return cast("interfaces.Console", Facade("console", self.invoke, machine_id))

    def debugger(self, machine_id: str) -> interfaces.Debugger:
        """Façade with which a running machine is debugged."""
        return cast("interfaces.Debugger", Facade("debugger", self.invoke, machine_id))

    def progress(self, progress_id: str) -> interfaces.Progress:
        """Façade of a long operation, whoever began it."""
        return cast("interfaces.Progress", Facade("progress", self.invoke, progress_id))

    def session(self, machine_id: str) -> interfaces.Session:
        """Façade with which a VM process reports; see :class:`app.api.vmsession.VmSession`."""
        return cast("interfaces.Session", Facade("session", self.invoke, machine_id))

    @property
    def host(self) -> interfaces.Host:
        """The computer on which the service runs."""
        return cast("interfaces.Host", Facade("host", self.invoke))

    @property
    def system_properties(self) -> interfaces.PropertySetter:
        """Properties of the installation by name."""
        return cast("interfaces.PropertySetter", Facade("system_properties", self.invoke))

    @property
    def nat_networks(self) -> interfaces.NatNetworks:
        """Networks behind one address translation."""
        return cast("interfaces.NatNetworks", Facade("nat_network", self.invoke))

    @property
    def dhcp_servers(self) -> interfaces.DhcpServers:
        """DHCP servers of host-only and internal networks."""
        return cast("interfaces.DhcpServers", Facade("dhcp_server", self.invoke))

    @property
    def host_only_networks(self) -> interfaces.HostOnlyNetworks:
        """Networks between machines and host."""
        return cast("interfaces.HostOnlyNetworks", Facade("host_only_network", self.invoke))

    @property
    def internal_networks(self) -> interfaces.InternalNetworks:
        """Networks of machines among themselves."""
        return cast("interfaces.InternalNetworks", Facade("internal_network", self.invoke))

    @property
    def cloud_networks(self) -> interfaces.CloudNetworks:
        """Networks of cloud providers."""
        return cast("interfaces.CloudNetworks", Facade("cloud_network", self.invoke))

    @property
    def performance(self) -> interfaces.PerformanceCollector:
        """Metrics of the host and of running machines."""
        return cast("interfaces.PerformanceCollector", Facade("performance", self.invoke))

    def guest_properties(self, machine_id: str) -> interfaces.GuestProperties:
        """Façade of the guest properties of a machine."""
        facade = Facade("guest_property", self.invoke, machine_id)
        return cast("interfaces.GuestProperties", facade)

    def transient_shared_folders(self, machine_id: str) -> interfaces.TransientSharedFolders:
        """Façade of the shared folders that end with the run of a machine."""
        facade = Facade("shared_folder", self.invoke, machine_id)
        return cast("interfaces.TransientSharedFolders", facade)

    def snapshots(self, machine_id: str) -> interfaces.Snapshots:
        """Façade of the snapshots of a machine."""
        return cast("interfaces.Snapshots", Facade("snapshot", self.invoke, machine_id))

    def saved_state(self, machine_id: str) -> interfaces.SavedState:
        """Façade of the saved state of a machine."""
        return cast("interfaces.SavedState", Facade("saved_state", self.invoke, machine_id))

    def call(self, method: str, /, **params: Any) -> Any:
        """Call ``method`` and wait for its typed result; see :meth:`invoke`."""
        return self.invoke(method, params)

    def invoke(
        self,
        method: str,
        params: dict[str, Any],
        *,
        timeout: float | None = None,
        progress: ProgressCallback | None = None,
    ) -> Any:
        """Call ``method`` and wait for its typed result.

        Args:
            method: Name on the wire, such as ``machine.launch``.
            params: Parameters by name.
            timeout: Seconds to wait; None: until the answer comes or the connection ends.
            progress: Told how far a long call is, on the reader thread.

        Raises:
            ApiError: What the service answered, or ``NS_ERROR_CALL_FAILED`` when the connection
                ended, or ``VBOX_E_TIMEOUT``; a call that timed out is cancelled.
        """
        if threading.current_thread() is self._reader:
            raise ApiError(
                ErrorCode.E_UNEXPECTED,
                f"{method} was called on the client's reader thread, which cannot wait.",
                "client",
            )
        answers: queue.SimpleQueue[tuple[Any, ApiError | None]] = queue.SimpleQueue()
        pending = self.start_call(
            method,
            params,
            on_result=lambda result: answers.put((result, None)),
            on_error=lambda error: answers.put((None, error)),
            on_progress=progress,
        )
        try:
            result, error = answers.get(timeout=timeout)
        except queue.Empty:
            pending.cancel()
            raise ApiError(
                ErrorCode.VBOX_E_TIMEOUT, f"{method} did not answer within {timeout:g} s.", "client"
            ) from None
        if error is not None:
            raise error
        return result

    def start_call(
        self,
        method: str,
        params: dict[str, Any],
        *,
        on_result: Callable[[Any], None],
        on_error: Callable[[ApiError], None],
        on_progress: ProgressCallback | None = None,
    ) -> PendingCall:
        """Call ``method`` without waiting; exactly one of ``on_result`` and ``on_error`` is called.

        They are called on the reader thread, or right here when the connection has ended.

        Raises:
            ApiError: There is no such method, or the parameters are too long for a message.
        """
        declared = find_method(method)
        call_id = next(self._ids)
        pending = PendingCall(self, call_id, declared, on_result, on_error, on_progress)
        message = Call(id=call_id, method=method, params=pack(params))
        with self._lock:
            lost = self._lost
            if lost is None:
                self._pending[call_id] = pending
        if lost is not None:
            pending._fail(lost)
            return pending
        try:
            self._send(message)
        except ApiError:
            with self._lock:
                self._pending.pop(call_id, None)
            raise
        return pending

    # -- listening and serving -----------------------------------------------------------------

    def subscribe(self, callback: Subscriber) -> Callable[[], None]:
        """Have ``callback`` called with every event, on the reader thread.

        Returns:
            A function that ends the subscription.
        """
        with self._lock:
            self._subscribers.append(callback)

        def unsubscribe() -> None:
            with self._lock:
                if callback in self._subscribers:
                    self._subscribers.remove(callback)

        return unsubscribe

    def events(self, *types: type[Event]) -> EventStream:
        """Events as a queue, from now on: ``with client.events(MachineStateChanged) as events``.

        Args:
            types: Classes of :mod:`app.api.events` that are wanted; none: all.
        """
        from app.api.eventstream import EventStream

        def forget(stream: EventStream) -> None:
            with self._lock:
                if stream in self._streams:
                    self._streams.remove(stream)

        stream = EventStream(types, forget)
        with self._lock:
            lost = self._lost
            if lost is None:
                self._streams.append(stream)
        if lost is not None:
            stream.end(None if self._closing else lost)
        return stream

    def serve(
        self, console: interfaces.Console, debugger: interfaces.Debugger | None = None
    ) -> None:
        """Answer console (and debugger) calls with these objects, on a thread of their own."""
        with self._lock:
            if self._console is not None:
                raise ApiError(ErrorCode.E_UNEXPECTED, "This client serves a console already.")
            self._console = console
            self._debugger = debugger
        threading.Thread(
            target=self._serve_console, name=f"{self._channel.name}-console", daemon=True
        ).start()

    def close(self) -> None:
        """Hang up after what was sent has been written; waiting calls fail."""
        self._closing = True
        self._channel.close("this client closed it")
        if threading.current_thread() is not self._reader:
            self._reader.join()

    @property
    def connected(self) -> bool:
        """Whether the connection stands, as far as is known."""
        return self._lost is None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    # -- reader thread -------------------------------------------------------------------------

    def _send(self, message: Message) -> None:
        self._channel.send(message)

    def _read(self) -> None:
        reason = "the service closed it"
        while True:
            try:
                message = self._channel.receive()
            except ChannelClosedError as ended:
                reason = str(ended)
                break
            except ApiError:
                _logger().exception("The service sent something that is no message")
                continue
            try:
                self._receive(message)
            except Exception:
                # A callback's mistake must not end the connection for everybody else.
                _logger().exception("A callback failed on %s", type(message).__name__)
        self._lose(lost_error(reason))
        self._channel.dispose()

    def _receive(self, message: Message) -> None:
        if isinstance(message, Reply | Failure):
            with self._lock:
                pending = self._pending.pop(message.id, None)
            if pending is not None:
                pending._finish(message)
        elif isinstance(message, EventMessage):
            self._dispatch(message)
        elif isinstance(message, Progress):
            with self._lock:
                pending = self._pending.get(message.id)
            if pending is not None:
                pending._progress(message)
        elif isinstance(message, Call):
            if self._console is None:
                error = ApiError(ErrorCode.E_NOTIMPL, f"{self.name} has no console.", "client")
                self._send(Failure.from_error(message.id, error))
            else:
                self._console_calls.put(message)

    def _dispatch(self, message: EventMessage) -> None:
        from app.api.events import Event

        event_type = Event.registry.get(message.name)
        if event_type is None:
            _logger().info("Skipped an event that this version does not know: %s", message.name)
            return
        decoder = _event_decoders.get(message.name)
        if decoder is None:
            decoder = _event_decoders[message.name] = decoder_of(event_type)
        try:
            event = decoder.decode(message.data)
        except msgspec.DecodeError as error:
            _logger().info("Skipped an event of another version: %s: %s", message.name, error)
            return
        with self._lock:
            subscribers = [*self._subscribers, *(stream.put for stream in self._streams)]
        for subscriber in subscribers:
            try:
                subscriber(event)
            except Exception:
                _logger().exception("A subscriber failed on %s", message.name)

    def _lose(self, error: ApiError) -> None:
        with self._lock:
            self._lost = error
            waiting = list(self._pending.values())
            self._pending.clear()
            streams = list(self._streams)
        self._console_calls.put(None)
        for stream in streams:
            stream.end(None if self._closing else error)
        for pending in waiting:
            try:
                pending._fail(error)
            except Exception:
                _logger().exception("The callback of %s failed", pending.method.name)
        if self._on_lost is not None and not self._closing:
            self._on_lost(error)

    # -- console thread ------------------------------------------------------------------------

    def _serve_console(self) -> None:
        while (call := self._console_calls.get()) is not None:
            answer: Reply | Failure
            try:
                method = find_method(call.method)
                params = method.decode_params(call.params)
                params.pop("id", None)
                debugging = method.name.startswith("debugger.")
                servant = self._debugger if debugging else self._console
                if servant is None:
                    sentence = f"{self.name} cannot be debugged."
                    raise ApiError(ErrorCode.E_NOTIMPL, sentence, "client")  # noqa: TRY301
                result = getattr(servant, method.function.__name__)(**params)
                answer = Reply(id=call.id, result=pack(result))
            except ApiError as error:
                answer = Failure.from_error(call.id, error)
            except Exception as error:
                _logger().exception("%s failed", call.method)
                wrapped = ApiError(
                    ErrorCode.E_UNEXPECTED, f"{call.method} failed: {error!r}.", "console"
                )
                answer = Failure.from_error(call.id, wrapped)
            self._send(answer)


def connect(
    *,
    client_name: str,
    start_service: bool = True,
    timeout: float = 10.0,
    on_lost: Callable[[ApiError], None] | None = None,
) -> Client:
    """Connect to the service of this user and configuration directory.

    Args:
        client_name: For the log and for "who holds the machine".
        start_service: Start the service when it does not run.
        timeout: Seconds until the attempt is given up.
        on_lost: Called on the reader thread when the connection ends without :meth:`Client.close`.

    Raises:
        ApiError: ``NS_ERROR_CALL_FAILED`` (tells why there is no service), ``VBOX_E_TIMEOUT``,
            ``VBOX_E_NOT_SUPPORTED`` (a service of another version runs).
    """
    place = ServicePlace(config_folder())
    channel, welcome = reach_service(place, client_name, start=start_service, timeout=timeout)
    return Client(channel, welcome, client_name, on_lost)


def _logger() -> logging.Logger:
    import logging

    return logging.getLogger(__name__)
