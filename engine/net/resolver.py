"""The host's name servers and domain, from ``resolv.conf``, which is read again as it changes."""

from __future__ import annotations

import logging
import os
from ipaddress import AddressValueError, IPv4Address

log = logging.getLogger("engine.net")

_PATH = "/etc/resolv.conf"


class Resolver:
    """Where names are asked for.

    Args:
        path: the file, in the form of resolv.conf(5).
    """

    def __init__(self, path: str = _PATH) -> None:
        self._path = path
        self._read_at: tuple[int, int] | None = None
        self._servers: list[str] = []
        self._domain = ""
        self._turn = 0

    def server(self) -> str | None:
        """Return the IPv4 address of a name server, or None when the host has none."""
        self._refresh()
        return self._servers[self._turn % len(self._servers)] if self._servers else None

    def is_server(self, address: str) -> bool:
        """Tell whether an address is one of the servers."""
        return address in self._servers

    def next_server(self) -> None:
        """Ask another server from now on: this one has not answered."""
        self._turn += 1

    def domain(self) -> str:
        """Return the domain of the host, empty when it says none."""
        self._refresh()
        return self._domain

    def _refresh(self) -> None:
        try:
            status = os.stat(self._path)
            stamp = (status.st_mtime_ns, status.st_size)
            if stamp == self._read_at:
                return
            with open(self._path, encoding="utf-8", errors="replace") as file:
                lines = file.read(1 << 16).splitlines()
        except OSError as error:
            if self._read_at is not None or not self._servers:
                log.warning("The name servers of the host are not known: %s", error)
            return
        self._read_at = stamp
        self._take(lines)

    def _take(self, lines: list[str]) -> None:
        self._servers, self._domain, self._turn = [], "", 0
        for line in lines:
            words = line.split()
            if len(words) < 2:
                continue
            if words[0] == "nameserver":
                try:
                    self._servers.append(str(IPv4Address(words[1])))
                except AddressValueError:
                    continue  # IPv6, which this network does not have
            elif words[0] in {"domain", "search"}:
                self._domain = words[1].rstrip(".")
