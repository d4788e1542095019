"""Named pipes of Windows, with the system's functions played by the test."""

from __future__ import annotations

import ctypes

from app.service import pipes


def test_pipes_are_for_their_owner_only_and_not_for_the_network() -> None:
    calls: list[tuple[object, ...]] = []
    asked: list[str] = []

    def create(*arguments: object) -> int:
        calls.append(arguments)
        return 77

    def to_descriptor(text: str) -> int:
        asked.append(text)
        return 0x1234

    made = pipes.OwnerOnlyPipes(create, to_descriptor)
    handle = made.create(r"\\.\pipe\vitrine-x", 0x80003, 0x6, 255, 8192, 8192, 0xFFFFFFFF, 0)
    assert handle == 77
    assert asked == ["D:P(A;;GA;;;OW)"]
    [(name, open_mode, pipe_mode, instances, out, inp, timeout, security)] = calls
    assert (name, open_mode, instances) == (r"\\.\pipe\vitrine-x", 0x80003, 255)
    assert (out, inp, timeout) == (8192, 8192, 0xFFFFFFFF)
    assert pipe_mode == 0x6 | pipes.PIPE_REJECT_REMOTE_CLIENTS
    assert isinstance(security, int)
    attributes = pipes.SecurityAttributes.from_address(security)
    assert attributes.nLength == ctypes.sizeof(pipes.SecurityAttributes)
    assert attributes.lpSecurityDescriptor == 0x1234
    assert attributes.bInheritHandle == 0


def test_nothing_is_restricted_where_there_are_sockets() -> None:
    import multiprocessing.connection

    before = dict(vars(multiprocessing.connection))
    pipes.restrict_pipes()
    assert vars(multiprocessing.connection) == before
