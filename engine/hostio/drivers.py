"""PDM drivers for character devices: files, standard output, memory, sockets and host devices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import ConfigurationError
from engine.hostio.characters import CharacterBuffer, DescriptorSink, FileSink, standard_output
from engine.hostio.lines import Line, open_pipe, open_tcp
from engine.hostio.serialdevice import open_device
from engine.pdm.driver import driver

if TYPE_CHECKING:
    from engine.cfgm import Node


@driver("File")
def open_file(node: Node) -> FileSink:
    """Open the file that ``Config`` names: Path, Append (default: start with an empty file).

    Raises:
        CharacterDriverError: it cannot be opened for writing.
    """
    config = node.child("Config")
    return FileSink(config.string("Path"), append=config.boolean("Append", default=False))


@driver("Stdout")
def open_standard_output(node: Node) -> DescriptorSink:  # noqa: ARG001 - every factory gets its node
    """Return this process's standard output."""
    return standard_output()


@driver("Buffer")
def make_buffer(node: Node) -> CharacterBuffer:
    """Return a buffer in memory; ``Config`` may say how many bytes it keeps: Limit."""
    limit = node.child("Config").integer("Limit", 1 << 20)
    if limit < 1:
        raise ConfigurationError(f"{node.path}/Config/Limit must be positive, not {limit}.")
    return CharacterBuffer(limit)


@driver("NamedPipe")
def open_named_pipe(node: Node) -> Line:
    """Open the local socket that ``Config`` names: Location, IsServer.

    Raises:
        CharacterDriverError: it cannot be made or connected to.
    """
    config = node.child("Config")
    return open_pipe(config.string("Location"), server=config.boolean("IsServer", default=False))


@driver("TCP")
def open_tcp_port(node: Node) -> Line:
    """Open the TCP connection that ``Config`` names: Location (host:port), IsServer.

    Raises:
        CharacterDriverError: the port cannot be listened on or connected to.
    """
    config = node.child("Config")
    return open_tcp(config.string("Location"), server=config.boolean("IsServer", default=False))


@driver("Host Serial")
def open_host_serial(node: Node) -> Line:
    """Open the character device that ``Config`` names: DevicePath.

    Raises:
        CharacterDriverError: it cannot be opened.
    """
    return open_device(node.child("Config").string("DevicePath"))
