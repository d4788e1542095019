"""Threads that need the same type for the first time at the same time."""

from __future__ import annotations

import subprocess
import sys

# In a process of its own: what this guards against is a crash. Without the lock it is sure to come.
RACE = """
import enum, sys, threading
import msgspec
from app.decoding import decoder_of, describe

def use(kind, data, go):
    go.wait()
    assert decoder_of(kind).decode(data).inner.f0 is kind.__annotations__["letter"].A1
    describe(kind)
    msgspec.convert(msgspec.msgpack.decode(data), kind)

sys.setswitchinterval(1e-6)
for _ in range(30):
    letter = enum.Enum("letter", {f"A{n}": f"a{n}" for n in range(20)})
    inner = msgspec.defstruct("inner", [(f"f{n}", letter) for n in range(10)])
    outer = msgspec.defstruct("outer", [("inner", inner), ("letter", letter)])
    data = msgspec.msgpack.encode({"inner": {f"f{n}": "a1" for n in range(10)}, "letter": "a2"})
    go = threading.Barrier(3)
    threads = [threading.Thread(target=use, args=(outer, data, go)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
"""


def test_three_threads_describe_one_type():
    done = subprocess.run(
        [sys.executable, "-c", RACE], capture_output=True, text=True, timeout=100, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
