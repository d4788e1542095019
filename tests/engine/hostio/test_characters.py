"""Character drivers below a serial port, and on their own."""

import logging
import os

import pytest

from engine.cfgm import Node
from engine.errors import ConfigurationError
from engine.hostio.characters import CharacterBuffer, FileSink, standard_output
from engine.hostio.errors import CharacterDriverError
from engine.pdm.driver import make_driver
from engine.pdm.interfaces import CharacterSink
from tests.engine.bench import Bench, tree


def node(driver, **config):
    lun = Node().child("Devices/serial/0/LUN#0")
    lun.set({"Driver": driver})
    lun.child("Config").set(config)
    return lun


@pytest.mark.parametrize("name", ["File", "Stdout", "Buffer"])
def test_every_driver_is_a_sink(name, tmp_path):
    config = {"Path": str(tmp_path / "out")} if name == "File" else {}
    driver = make_driver(node(name, **config))
    assert isinstance(driver, CharacterSink)


def test_file_holds_at_once_what_a_serial_port_sends(tmp_path):
    path = tmp_path / "com1.txt"
    path.write_bytes(b"old")
    root = tree(serial={})
    lun = root.child("Devices/serial/0/LUN#0")
    lun.set({"Driver": "File"})
    lun.child("Config").set({"Path": str(path)})
    bench = Bench(root)
    for byte in b"hello\n":
        bench.outb(0x3F8, byte)
    assert path.read_bytes() == b"hello\n"
    bench.set.close()
    bench.set.close()


def test_append(tmp_path):
    path = tmp_path / "log"
    path.write_bytes(b"old ")
    sink = make_driver(node("File", Path=str(path), Append=True))
    sink.write(b"new")
    sink.close()
    sink.close()
    assert path.read_bytes() == b"old new"


def test_file_that_cannot_be_opened_is_named(tmp_path):
    missing = tmp_path / "no" / "such"
    with pytest.raises(CharacterDriverError, match="no/such.*No such file"):
        make_driver(node("File", Path=str(missing)))
    with pytest.raises(CharacterDriverError, match="directory"):
        FileSink(str(tmp_path))


def test_pipe_is_refused_without_waiting(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with pytest.raises(CharacterDriverError):
        FileSink(str(path))
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        with pytest.raises(CharacterDriverError, match="is a pipe"):
            FileSink(str(path))
    finally:
        os.close(reader)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this host has no /dev/full")
def test_full_disk_is_told_once_and_counted(caplog):
    sink = FileSink("/dev/full")
    with caplog.at_level(logging.ERROR):
        sink.write(b"abc")
        sink.write(b"de")
    sink.close()
    assert sink.lost == 5
    assert len(caplog.records) == 1
    assert "/dev/full" in caplog.text


def test_standard_output(capfd):
    sink = standard_output()
    sink.write(b"to the console\n")
    sink.close()
    assert capfd.readouterr().out == "to the console\n"


def test_buffer_keeps_the_end():
    buffer = CharacterBuffer(limit=4)
    buffer.write(b"ab")
    buffer.write(b"cdef")
    assert bytes(buffer.data) == b"cdef"
    with pytest.raises(ConfigurationError, match="Limit"):
        make_driver(node("Buffer", Limit=0))
    assert isinstance(make_driver(node("Buffer", Limit=9)), CharacterBuffer)


def test_unknown_driver_is_named():
    with pytest.raises(ConfigurationError, match="'Teleprinter'"):
        make_driver(node("Teleprinter"))
