"""``vitrine-web``: options, checks that nothing is open by mistake, and the server.

Options have vboxwebsrv's names and defaults where they mean the same.
"""

from __future__ import annotations

import argparse
import getpass
import importlib.util
import ipaddress
import logging
import logging.handlers
import os
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from app.api.errors import ApiError
from app.settings.paths import config_folder
from app.version import version
from app.web.users import FILE_NAME, UserFile

if TYPE_CHECKING:
    from app.web.application import WebConfig

PROGRAM: Final = "vitrine-web"
EXIT_OK: Final = 0
EXIT_FAILED: Final = 1
EXIT_SYNTAX: Final = 2
DEFAULT_PORT: Final = 18083

_NEEDED: Final = ("starlette", "uvicorn", "websockets")
_GRACE_SECONDS: Final = 5


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=PROGRAM, allow_abbrev=False,
        description="Serve the Main API and a page with the machines to browsers and programs.",
        epilog="The service listens on this computer only unless --host says otherwise; then it"
        " needs --ssl.",
    )  # fmt: skip
    add = parser.add_argument
    add("--version", action="version", version=version())
    add("--host", "-H", default="localhost", help="address to listen on (default: localhost)")
    add("--port", "-p", type=_port, default=DEFAULT_PORT, help=f"default: {DEFAULT_PORT}")
    add("--ssl", "-s", action="store_true", help="use TLS; needs --keyfile")
    add("--keyfile", "-K", type=Path, metavar="FILE", help="PEM file with key and certificate")
    add("--passwordfile", "-a", type=Path, metavar="FILE", help="holds the key's password")
    add("--cacert", "-c", type=Path, metavar="FILE", help="clients need certificates of this CA")
    add(
        "--timeout", "-t", type=_seconds, default=300.0, metavar="SECONDS",
        help="a session without requests ends after this time (default: 300)",
    )  # fmt: skip
    add(
        "--check-interval", "-i", type=_seconds, default=5.0, metavar="SECONDS",
        help="time between looks for sessions to end (default: 5)",
    )  # fmt: skip
    add(
        "--threads", "-T", type=_count, default=100, metavar="N",
        help="calls of the Main API at one time (default: 100)",
    )  # fmt: skip
    add("--max-sessions", type=_count, default=100, metavar="N", help="default: 100")
    add(
        "--rate", type=_count, default=50, metavar="N",
        help="requests a second that one peer may make (default: 50)",
    )  # fmt: skip
    add(
        "--max-body", type=_count, default=1 << 20, metavar="BYTES",
        help="length of a request's body (default: 1048576)",
    )  # fmt: skip
    add(
        "--name", action="append", default=[], metavar="HOST",
        help="name under which browsers reach the service; may be given several times",
    )  # fmt: skip
    add("--insecure", action="store_true", help="allow other computers without TLS")
    add("--allow-no-users", action="store_true", help="start although nobody can log on yet")
    add("--users", type=Path, metavar="FILE", help="file with users and hashes of passwords")
    add("--add-user", metavar="NAME", help="ask for a password, store it, and end")
    add("--remove-user", metavar="NAME", help="remove a user, and end")
    add("--list-users", action="store_true", help="print the users, and end")
    add("--verbose", "-v", action="store_true", help="log every request")
    add("--pidfile", "-P", type=Path, metavar="FILE", help="write the number of the process to it")
    add("--logfile", "-F", type=Path, metavar="FILE", help="log to this file, not to the terminal")
    add("--logrotate", "-R", type=_count, default=10, metavar="N", help="old logs (default: 10)")
    add(
        "--logsize", "-S", type=_count, default=100 << 20, metavar="BYTES",
        help="length of a log (default: 104857600)",
    )  # fmt: skip
    return parser


def _number(text: str, what: str, least: float, most: float) -> float:
    try:
        number = float(text)
    except ValueError:
        number = least - 1
    if not least <= number <= most:
        raise argparse.ArgumentTypeError(f"'{text}' is no {what} from {least:g} to {most:g}")
    return number


def _port(text: str) -> int:
    return int(_number(text, "port", 0, 65535))


def _seconds(text: str) -> float:
    return _number(text, "number of seconds", 0.1, 1e6)


def _count(text: str) -> int:
    return int(_number(text, "number", 1, 1 << 31))


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until a signal comes, or change the file of users.

    Returns:
        0; 1 when the service could not start; 2 for wrong options.
    """
    try:
        options = _parser().parse_args(argv)
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
    for path in (options.keyfile, options.passwordfile, options.cacert):
        if path is not None and not os.access(path, os.R_OK):
            return f"The file {path} cannot be read."
        if path is not None and not options.ssl:
            return f"The file {path} is of use with --ssl only."
    if not _is_loopback(options.host) and not (options.ssl or options.insecure):
        return (
            f"{options.host} can be reached from other computers, and passwords would travel"
            " unencrypted. Use --ssl with --keyfile, or --insecure if a proxy does that."
        )
    if not options.allow_no_users and not users.names():
        return f"Nobody could log on. Add a user first: {PROGRAM} --add-user NAME"
    return ""


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

    try:
        _set_up_log(options)
    except OSError as error:
        _say(f"error: {options.logfile} cannot be written: {error.strerror}.")
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
        timeout_graceful_shutdown=_GRACE_SECONDS,
        **_tls_options(options),
    )
    try:
        config.load()
    except (OSError, ValueError) as error:
        listener.close()
        _say(f"error: TLS cannot be used with {options.keyfile}: {error}.")
        return EXIT_FAILED
    if options.pidfile:
        try:
            options.pidfile.write_text(f"{os.getpid()}\n", encoding="ascii")
        except OSError as error:
            listener.close()
            _say(f"error: {options.pidfile} cannot be written: {error.strerror}.")
            return EXIT_FAILED
    host, port = listener.getsockname()[:2]
    scheme = "https" if options.ssl else "http"
    _say(f"Serving {scheme}://{f'[{host}]' if ':' in host else host}:{port}/")
    try:
        uvicorn.Server(config).run(sockets=[listener])
    except KeyboardInterrupt:
        return EXIT_OK
    finally:
        listener.close()
        if options.pidfile:
            options.pidfile.unlink(missing_ok=True)
    return EXIT_OK


def _listen(options: argparse.Namespace) -> socket.socket | None:
    """The socket of the service; None, and a sentence is printed, when there cannot be one."""
    # "localhost" may have both kinds of addresses; one that is sure to exist is enough.
    host = "127.0.0.1" if options.host == "localhost" else options.host
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, options.port), family=family)
    except OSError as error:
        _say(f"error: {options.host}:{options.port} cannot be listened on: {error.strerror}.")
        return None


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
    return {
        "ssl_certfile": options.keyfile,
        "ssl_keyfile": options.keyfile,
        "ssl_keyfile_password": password,
        "ssl_ca_certs": options.cacert,
        "ssl_cert_reqs": ssl.CERT_REQUIRED if options.cacert else ssl.CERT_NONE,
    }


def _set_up_log(options: argparse.Namespace) -> None:
    handler: logging.Handler = logging.StreamHandler()
    if options.logfile:
        handler = logging.handlers.RotatingFileHandler(
            options.logfile, maxBytes=options.logsize, backupCount=options.logrotate,
            encoding="utf-8",
        )  # fmt: skip
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
