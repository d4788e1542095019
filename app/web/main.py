"""``vitrine-web``: checks that nothing is open by mistake, and the server."""

from __future__ import annotations

import argparse
import getpass
import importlib.util
import ipaddress
import logging
import os
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from app.api.errors import ApiError
from app.settings.paths import config_folder
from app.web.logfile import AgedLogFile
from app.web.options import LOG_NAME, NO_EFFECT, OWN_AUTHENTICATION, PROGRAM, parser
from app.web.users import FILE_NAME, UserFile

if TYPE_CHECKING:
    import ssl

    import uvicorn

    from app.web.application import WebConfig

EXIT_OK: Final = 0
EXIT_FAILED: Final = 1
EXIT_SYNTAX: Final = 2

_NEEDED: Final = ("starlette", "uvicorn", "websockets")
_GRACE_SECONDS: Final = 5
_IDLE_SECONDS: Final = 5
"""After which a connection is closed on which nothing was asked for."""


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until a signal comes, or change the file of users.

    Returns:
        0; 1 when the service could not start; 2 for wrong options.
    """
    try:
        options = parser().parse_args(argv)
    except SystemExit as stop:
        return int(stop.code or 0)
    users = UserFile(options.users or Path(config_folder()) / FILE_NAME)
    try:
        if options.add_user or options.remove_user or options.list_users:
            return _change_users(options, users)
        wrong = _why_not(options, users)
    except ApiError as error:
        _say(f"error: {error.message}")
        return EXIT_FAILED
    if wrong:
        _say(f"error: {wrong}")
        return EXIT_SYNTAX
    return _serve(options, users)


def _say(sentence: str) -> None:
    print(f"{PROGRAM}: {sentence}", file=sys.stderr, flush=True)


def _change_users(options: argparse.Namespace, users: UserFile) -> int:
    if options.add_user:
        users.add(options.add_user, _ask_password())
    if options.remove_user:
        users.remove(options.remove_user)
    if options.list_users:
        for name in users.names():
            print(name)
    return EXIT_OK


def _ask_password() -> str:
    """The password from the terminal, or the first line of a pipe."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    while True:
        password = getpass.getpass("Password: ")
        if password == getpass.getpass("Once more: "):
            return password
        print("They differ.", file=sys.stderr)


def _why_not(options: argparse.Namespace, users: UserFile) -> str:
    """Why the service cannot be started with these options; empty when it can."""
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        return f"{', '.join(missing)} is not installed; install Vitrine with its extra 'web'."
    if options.ssl and options.keyfile is None:
        return "--ssl needs --keyfile with a key and its certificate."
    if options.authentication != OWN_AUTHENTICATION:
        return (
            f"--authentication {options.authentication} is not supported: users are always checked"
            f" against the file of users (--add-user), which is '{OWN_AUTHENTICATION}'."
        )
    if options.background and not hasattr(os, "fork"):
        return "--background is not supported on this system; start it as a task or a service."
    for path in _tls_paths(options):
        if not os.access(path, os.R_OK):
            return f"The file {path} cannot be read."
        if not options.ssl:
            return f"The file {path} is of use with --ssl only."
    if options.capath and not options.capath.is_dir():
        return f"--capath {options.capath} is no folder."
    if not _is_loopback(options.host) and not (options.ssl or options.insecure):
        return (
            f"{options.host} can be reached from other computers, and passwords would travel"
            " unencrypted. Use --ssl with --keyfile, or --insecure if a proxy does that."
        )
    if not options.allow_no_users and not users.names():
        return f"Nobody could log on. Add a user first: {PROGRAM} --add-user NAME"
    return ""


def _tls_paths(options: argparse.Namespace) -> list[Path]:
    paths = (
        options.keyfile, options.passwordfile, options.cacert, options.capath, options.dhfile
    )  # fmt: skip
    return [path for path in paths if path is not None]


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _serve(options: argparse.Namespace, users: UserFile) -> int:
    """Run the server until a signal ends it."""
    import uvicorn

    from app.web.application import web_application

    for name, why in NO_EFFECT.items():
        if getattr(options, name) is not None:
            _say(f"warning: --{name} has no effect: {why}.")
    try:
        _set_up_log(options)
    except OSError as error:
        _say(f"error: {error.filename} cannot be written: {error.strerror}.")
        return EXIT_FAILED
    listener = _listen(options)
    if listener is None:
        return EXIT_FAILED
    config = uvicorn.Config(
        web_application(_web_config(options, users)),
        log_config=None,
        access_log=options.verbose,
        ws="websockets-sansio",
        ws_max_size=options.max_body,
        ws_per_message_deflate=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=_IDLE_SECONDS,
        timeout_graceful_shutdown=_GRACE_SECONDS,
        **_tls_options(options),
    )
    with listener:
        try:
            config.load()
            _extend_tls(config.ssl, options)
        except (OSError, ValueError) as error:
            files = ", ".join(map(str, _tls_paths(options)))
            _say(f"error: TLS cannot be used with {files}: {error}.")
            return EXIT_FAILED
        return _run(uvicorn.Server(config), listener, options)


def _run(server: uvicorn.Server, listener: socket.socket, options: argparse.Namespace) -> int:
    """Serve, in another process when that is wanted."""
    try:
        pidfile = options.pidfile.open("w", encoding="ascii") if options.pidfile else None
    except OSError as error:
        _say(f"error: {options.pidfile} cannot be written: {error.strerror}.")
        return EXIT_FAILED
    host, port = listener.getsockname()[:2]
    scheme = "https" if options.ssl else "http"
    _say(f"Serving {scheme}://{f'[{host}]' if ':' in host else host}:{port}/")
    # Nothing has started a thread yet.
    serving = os.fork() if options.background else os.getpid()
    if pidfile:
        # Written by who starts it, so that it is there when the command returns.
        pidfile.write(f"{serving}\n" if serving else "")
        pidfile.close()
    if options.background:
        if serving:
            return EXIT_OK
        _leave_terminal()
    # uvicorn obeys it, and raises it again when it is done.
    signal.signal(signal.SIGTERM, lambda _number, _frame: None)
    try:
        server.run(sockets=[listener])
    except KeyboardInterrupt:
        return EXIT_OK
    finally:
        if options.pidfile:
            options.pidfile.unlink(missing_ok=True)
    return EXIT_OK


def _leave_terminal() -> None:
    """Become a process that no terminal ends, and that holds none."""
    os.setsid()
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    os.close(null)


def _listen(options: argparse.Namespace) -> socket.socket | None:
    """The socket of the service; None, and a sentence is printed, when there cannot be one."""
    # "localhost" may have both kinds of addresses; one that is sure to exist is enough.
    host = "127.0.0.1" if options.host == "localhost" else options.host
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.create_server((host, options.port), family=family)
    except OSError as error:
        _say(f"error: {options.host}:{options.port} cannot be listened on: {error.strerror}.")
        return None
    # asyncio switches Nagle's algorithm off for sockets only that name their protocol; with it
    # each answer after the first of a connection waits 40 ms for an acknowledgement.
    return socket.socket(
        family, socket.SOCK_STREAM, socket.IPPROTO_TCP, fileno=listener.detach()
    )


def _web_config(options: argparse.Namespace, users: UserFile) -> WebConfig:
    from app.web.application import WebConfig

    return WebConfig(
        users=users.path,
        timeout=options.timeout,
        check_interval=options.check_interval,
        threads=options.threads,
        max_sessions=options.max_sessions,
        rate=options.rate,
        burst=4 * options.rate,
        max_body=options.max_body,
        names=frozenset({options.host, socket.gethostname(), *options.name}),
        secure=options.ssl,
    )


def _tls_options(options: argparse.Namespace) -> dict[str, Any]:
    if not options.ssl:
        return {}
    import ssl

    password = None
    if options.passwordfile:
        password = options.passwordfile.read_text(encoding="utf-8").rstrip("\n")
    wanted = options.cacert or options.capath
    return {
        "ssl_certfile": options.keyfile,
        "ssl_keyfile": options.keyfile,
        "ssl_keyfile_password": password,
        "ssl_ca_certs": options.cacert,
        "ssl_cert_reqs": ssl.CERT_REQUIRED if wanted else ssl.CERT_NONE,
    }


def _extend_tls(context: ssl.SSLContext | None, options: argparse.Namespace) -> None:
    """Add what uvicorn has no options for."""
    if context is not None and options.capath:
        context.load_verify_locations(capath=options.capath)
    if context is not None and options.dhfile:
        context.load_dh_params(options.dhfile)


def _set_up_log(options: argparse.Namespace) -> None:
    handler: logging.Handler = logging.StreamHandler()
    file = options.logfile
    if file is None and options.background:
        file = Path(config_folder()) / LOG_NAME
    if file is not None:
        handler = AgedLogFile(
            file, size=options.logsize, count=options.logrotate, seconds=options.loginterval
        )
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
