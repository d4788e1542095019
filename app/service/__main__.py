"""``vitrine-svc``: run the service in the foreground, or with ``--detach`` in the background."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from app.api.errors import ApiError
from app.service.config import ServiceConfig
from app.service.server import AnotherServiceError, Service
from app.settings.paths import config_folder


def main(argv: Sequence[str] | None = None) -> int:
    """Run the service.

    Returns:
        Exit status: 0 when it ran and left in order, or with ``--detach`` when it (or another one
        that was running already) is ready; 1 after a sentence on standard error.
    """
    parser = argparse.ArgumentParser(
        prog="vitrine-svc",
        description="The service behind all Vitrine programs; they start it when they need it.",
    )
    parser.add_argument(
        "--detach", action="store_true", help="go to the background and return when ready"
    )
    options = parser.parse_args(argv)
    threading.current_thread().name = "main"
    return _detach() if options.detach else _run(_say_ready)


def _say_ready() -> None:
    print("vitrine-svc: ready", file=sys.stderr)


def _run(on_ready: Callable[[], None]) -> int:
    try:
        config = ServiceConfig.from_environment()
        home = Path(config_folder())
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.umask(os.umask(0) | 0o077)
        service = Service(home, config)
        service.open()
    except AnotherServiceError:
        on_ready()
        return 0
    except (ApiError, OSError) as error:
        print(f"vitrine-svc: error: {error}", file=sys.stderr)
        return 1
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: service.stop("a signal"))
    on_ready()
    service.run()
    return 0


if hasattr(os, "fork"):

    def _detach() -> int:
        """Fork, and wait until the child is ready or has failed."""
        reader, writer = os.pipe()
        if os.fork() == 0:
            os.close(reader)
            with contextlib.suppress(OSError):
                # Fails when the starter has given us a session already.
                os.setsid()

            def ready() -> None:
                os.write(writer, b"+")
                os.close(writer)
                _leave_terminal()

            # The end of the pipe tells the parent when this process fails before it is ready.
            return _run(ready)
        os.close(writer)
        status = 0 if os.read(reader, 1) else 1
        # Taking the interpreter apart in order would keep the waiting client for nothing.
        os._exit(status)

    def _leave_terminal() -> None:
        null = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1, 2):
            os.dup2(null, standard)
        os.close(null)

else:

    def _detach() -> int:
        """Start a process without console, and wait until it answers or has failed."""
        import subprocess
        import time

        from app.api.address import ServicePlace

        flags: int = subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP  # type: ignore[attr-defined, unused-ignore]
        process = subprocess.Popen([sys.executable, "-m", "app.service"], creationflags=flags)
        place = ServicePlace(Path(config_folder()))
        while process.poll() is None:
            address = place.read()
            if address is not None and address.pid == process.pid:
                return 0
            time.sleep(0.02)
        return process.returncode


if __name__ == "__main__":
    sys.exit(main())
