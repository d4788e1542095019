"""The options of ``vitrine-web``, with vboxwebsrv's names and defaults where they mean the same."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from app.version import version

PROGRAM: Final = "vitrine-web"
DEFAULT_PORT: Final = 18083
LOG_NAME: Final = "vitrine-web.log"
OWN_AUTHENTICATION: Final = "default"
"""What vboxwebsrv calls its usual library, here the file of users."""

NO_EFFECT: Final = {
    "keepalive": "a connection takes no thread here, and ends when nothing was asked for 5 s",
    "randfile": "random numbers come from the operating system",
}
"""Options of vboxwebsrv that change nothing, and why."""


def parser() -> argparse.ArgumentParser:
    """The parser of the command line."""
    made = argparse.ArgumentParser(
        prog=PROGRAM, allow_abbrev=False,
        description="Serve the Main API and a page with the machines to browsers and programs.",
        epilog="The service listens on this computer only unless --host says otherwise; then it"
        " needs --ssl.",
    )  # fmt: skip
    made.add_argument("--version", action="version", version=version())
    _add_place(made.add_argument_group("where it listens"))
    _add_users(made.add_argument_group("who may log on"))
    _add_limits(made.add_argument_group("limits"))
    _add_process(made.add_argument_group("process and log"))
    return made


def _add_place(to: argparse._ArgumentGroup) -> None:
    add = to.add_argument
    add("--host", "-H", default="localhost", help="address to listen on (default: localhost)")
    add("--port", "-p", type=_port, default=DEFAULT_PORT, help=f"default: {DEFAULT_PORT}")
    add(
        "--name", action="append", default=[], metavar="HOST",
        help="name under which browsers reach the service; may be given several times",
    )  # fmt: skip
    add("--insecure", action="store_true", help="allow other computers without TLS")
    add("--ssl", "-s", action="store_true", help="use TLS; needs --keyfile")
    add("--keyfile", "-K", type=Path, metavar="FILE", help="PEM file with key and certificate")
    add("--passwordfile", "-a", type=Path, metavar="FILE", help="holds the key's password")
    add("--cacert", "-c", type=Path, metavar="FILE", help="clients need certificates of this CA")
    add(
        "--capath", "-C", type=Path, metavar="FOLDER",
        help="the same with a folder of certificates, named by their hashes (openssl rehash)",
    )  # fmt: skip
    add("--dhfile", "-D", type=Path, metavar="FILE", help="PEM file with Diffie-Hellman parameters")
    add("--randfile", "-r", metavar="FILE", help="accepted, without effect")


def _add_users(to: argparse._ArgumentGroup) -> None:
    add = to.add_argument
    add("--users", type=Path, metavar="FILE", help="file with users and hashes of passwords")
    add("--add-user", metavar="NAME", help="ask for a password, store it, and end")
    add("--remove-user", metavar="NAME", help="remove a user, and end")
    add("--list-users", action="store_true", help="print the users, and end")
    add("--allow-no-users", action="store_true", help="start although nobody can log on yet")
    add(
        "--authentication", "-A", default=OWN_AUTHENTICATION, metavar="METHOD",
        help=f"only '{OWN_AUTHENTICATION}': the users of the file",
    )  # fmt: skip


def _add_limits(to: argparse._ArgumentGroup) -> None:
    add = to.add_argument
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
    add("--keepalive", "-k", type=_count, metavar="N", help="accepted, without effect")


def _add_process(to: argparse._ArgumentGroup) -> None:
    add = to.add_argument
    add("--background", "-b", action="store_true", help="return when it serves, and go on serving")
    add("--pidfile", "-P", type=Path, metavar="FILE", help="write the number of the process to it")
    add("--verbose", "-v", action="store_true", help="log every request")
    add(
        "--logfile", "-F", type=Path, metavar="FILE",
        help=f"log to this file; default: the terminal, with --background {LOG_NAME} in the "
        "configuration folder",
    )  # fmt: skip
    add("--logrotate", "-R", type=_count, default=10, metavar="N", help="old logs (default: 10)")
    add(
        "--logsize", "-S", type=_count, default=100 << 20, metavar="BYTES",
        help="length of a log (default: 104857600)",
    )  # fmt: skip
    add(
        "--loginterval", "-I", type=_seconds, default=86400.0, metavar="SECONDS",
        help="time after which a log is an old one (default: 86400)",
    )  # fmt: skip


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
