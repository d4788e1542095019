"""What the firmware does with the files of the configuration device, for tests."""

from __future__ import annotations

import struct


def cstring(data):
    return data.split(b"\0", 1)[0].decode()


class Linked:
    """Runs a linker script: ``memory`` holds the files at the addresses in ``where``."""

    def __init__(self, files, *, fseg=0xF5000, high=0x7FE0000):
        self.memory = {}
        self.where = {}
        next_address = {1: high, 2: fseg}
        script = files["etc/table-loader"]
        assert len(script) % 128 == 0
        for start in range(0, len(script), 128):
            entry = script[start : start + 128]
            (command,) = struct.unpack_from("<I", entry)
            if command == 1:
                file, align, zone = struct.unpack_from("<56sIB", entry, 4)
                name = cstring(file)
                assert align & (align - 1) == 0
                address = -(-next_address[zone] // align) * align
                next_address[zone] = address + len(files[name])
                self.where[name] = address
                self.memory[name] = bytearray(files[name])
            elif command == 2:
                file, target, offset, size = struct.unpack_from("<56s56sIB", entry, 4)
                data = self.memory[cstring(file)]
                value = int.from_bytes(data[offset : offset + size], "little")
                value += self.where[cstring(target)]
                data[offset : offset + size] = value.to_bytes(size, "little")
            elif command == 3:
                file, offset, begin, length = struct.unpack_from("<56sIII", entry, 4)
                data = self.memory[cstring(file)]
                data[offset] = (data[offset] - sum(data[begin : begin + length])) & 0xFF
            else:
                raise AssertionError(command)

    def read(self, address, size):
        for name, base in self.where.items():
            data = self.memory[name]
            if base <= address and address + size <= base + len(data):
                return bytes(data[address - base : address - base + size])
        raise AssertionError(f"{address:#x} is not in a table")

    def table(self, address):
        length = struct.unpack("<I", self.read(address + 4, 4))[0]
        return self.read(address, length)
