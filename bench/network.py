"""TCP through NAT in both directions, beside QEMU's user network: at least 0.7 times as fast.

The guest fetches a file from a server on the host's loopback, and serves one at a forwarded port.
Both are timed on the host: from the accepted connection, or the answer's first bytes, to the end.
"""

from __future__ import annotations

import http.client
import socket
import sys
import threading
import time
from typing import TYPE_CHECKING

from bench.machine import Shell, guest, qemu_command, vitrine_command
from bench.report import Report, alternate, guest_image, rounds, run
from tests.guest_images import SUITE_LINUX

if TYPE_CHECKING:
    from pathlib import Path

MIB = 1 << 20
DOWNLOAD, UPLOAD = 128 * MIB, 32 * MIB
"""Bytes: what is sent to the guest is long against the moment in which its code is translated."""
TIMEOUT = 120.0
TARGET = 1 / 0.7
"""Times QEMU's seconds for the same bytes: 0.7 times its throughput."""
ADAPTERS = ("82540EM", "virtio")
MODULES = {
    "82540EM": ("e1000",),
    "virtio": (
        *("virtio_ring", "virtio", "virtio_pci_legacy_dev", "virtio_pci_modern_dev"),
        *("virtio_pci", "failover", "net_failover", "virtio_net"),
    ),
}


class Download:
    """A server on the loopback that sends a file to one client, and how long that took."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.seconds = 0.0
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        end, _ = self._listener.accept()
        with end, self._listener:
            end.settimeout(TIMEOUT)
            start = time.perf_counter()
            head = f"HTTP/1.0 200 OK\r\nContent-Length: {DOWNLOAD}\r\n\r\n"
            end.recv(4096)
            end.sendall(head.encode())
            block = bytes(MIB)
            for _ in range(DOWNLOAD // MIB):
                end.sendall(block)
            end.shutdown(socket.SHUT_WR)
            end.recv(1)  # the guest has everything when it closes
            self.seconds = time.perf_counter() - start

    def finish(self) -> float:
        """Return the seconds that it took."""
        self._thread.join(TIMEOUT)
        return self.seconds


def upload(port: int) -> float:
    """Fetch the file of the guest; return the seconds from the answer to its end."""
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
    client.request("GET", "/data")
    answer = client.getresponse()
    start = time.perf_counter()
    length = 0
    while data := answer.read(MIB):
        length += len(data)
    seconds = time.perf_counter() - start
    client.close()
    if length != UPLOAD:
        raise TimeoutError(f"the guest has sent {length} bytes of {UPLOAD}")
    return seconds


def transfer(command: list[str], adapter: str, web_port: int) -> dict[str, float]:
    """Return the seconds for the file in each direction."""
    with guest(command) as machine:
        shell = Shell(machine)
        for name in MODULES[adapter]:
            shell.run(f"[ ! -e /extra/{name}.ko ] || insmod /extra/{name}.ko")
        shell.run("sleep 1; ip link set eth0 up; sleep 3; ip addr add 10.0.2.15/24 dev eth0")
        shell.run("ip route add default via 10.0.2.2; ping -c 1 10.0.2.2")
        shell.run(f"mkdir /www; dd if=/dev/zero of=/www/data bs=1M count={UPLOAD // MIB}")
        shell.run("httpd -h /www")
        download = Download()
        shell.run(f"wget -q -O /dev/null http://10.0.2.2:{download.port}/")
        return {
            f"{DOWNLOAD // MIB} MiB by TCP to the guest": download.finish(),
            f"{UPLOAD // MIB} MiB by TCP to the host": upload(web_port),
        }


def free_port() -> int:
    """Return a TCP port of the loopback that nobody has."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def measure(report: Report) -> None:
    """Measure both machines in turn, with each adapter."""
    image = guest_image(SUITE_LINUX)
    for adapter in ADAPTERS:
        pairs = alternate(
            rounds(2), lambda: _ours(image, adapter), lambda: _other(image, adapter)  # noqa: B023
        )
        for direction in pairs[0][0]:
            report.compare(
                f"{adapter}: {direction}",
                [(a[direction], b[direction]) for a, b in pairs],
                target=TARGET,
            )


def _ours(image: Path, adapter: str) -> dict[str, float]:
    port = free_port()
    command = vitrine_command(output="serial", cdrom=image, adapter=adapter, web_port=port)
    return transfer(command, adapter, port)


def _other(image: Path, adapter: str) -> dict[str, float]:
    port = free_port()
    command = qemu_command(output="serial", cdrom=image, adapter=adapter, web_port=port)
    return transfer(command, adapter, port)


def main() -> int:
    """Print the ratios."""
    return run(measure)


if __name__ == "__main__":
    sys.exit(main())
