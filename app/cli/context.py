"""What a command works with: the connection to the service, made when it is first needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from app.cli.errors import CommandError
from app.cli.progress import ProgressLine

if TYPE_CHECKING:
    from app.api.client import Client
    from app.api.structs import MachineInfo

CLIENT_NAME: Final = "vitrine-manage"


class Context:
    """One run of the command line."""

    def __init__(self) -> None:
        self._client: Client | None = None

    @property
    def client(self) -> Client:
        """The connection to the service, which is started when it does not run.

        Raises:
            ApiError: There is none and it cannot be started.
        """
        if self._client is None:
            from app.api.client import connect

            self._client = connect(client_name=CLIENT_NAME)
        return self._client

    def close(self) -> None:
        """Hang up, if there is a connection."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def machine(self, name_or_id: str) -> MachineInfo:
        """The machine with this name, UUID or settings file.

        Raises:
            ApiError: ``VBOX_E_OBJECT_NOT_FOUND``.
        """
        return self.client.virtualbox.find_machine(name_or_id)

    def run_long(self, method: str, /, **params: Any) -> Any:
        """Call a method that takes its time: shows the progress line, Ctrl+C cancels.

        Raises:
            ApiError: What the service answered.
            CommandError: The person cancelled it.
        """
        import signal
        import threading

        line = ProgressLine()
        finished = threading.Event()
        outcome: list[Any] = []
        errors: list[Exception] = []

        def keep(result: Any) -> None:
            outcome.append(result)
            finished.set()

        def fail(error: Exception) -> None:
            errors.append(error)
            finished.set()

        line(0, "")
        pending = self.client.start_call(
            method, params, on_result=keep, on_error=fail, on_progress=line
        )
        cancelled = False
        while not finished.is_set():
            try:
                # A wait without a limit cannot be interrupted on Windows.
                finished.wait(0.5)
            except KeyboardInterrupt:
                cancelled = True
                signal.signal(signal.SIGINT, signal.SIG_DFL)
                pending.cancel()
        if errors:
            line.abandon("CANCELED" if cancelled else "FAILED")
            if cancelled:
                raise CommandError("The operation was cancelled") from errors[0]
            raise errors[0]
        line.finish()
        return outcome[0]
