"""What the kernel leaves to us: ports and device memory, and exits that are errors."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from engine.em.kvm import api
from engine.errors import ExecutionEngineError
from engine.iom import read_range, write_range

if TYPE_CHECKING:
    from engine.em.kvm.vcpu import Vcpu
    from engine.iom import PortSpace, Range
    from engine.pgm import PhysicalMemory
    from engine.stam import Counter, Statistics

_IO = struct.Struct("<BBHIQ")  # direction, size, port, count, offset of the data
_MMIO = struct.Struct("<Q8sIB")  # address, data, length, is it a write
_INTERNAL = struct.Struct("<II")


class ExitHandler:
    """Performs accesses of any virtual CPU. EMT only."""

    def __init__(self, ports: PortSpace, memory: PhysicalMemory, statistics: Statistics) -> None:
        self._ports = ports
        self._memory = memory
        self._port_reads: Counter = statistics.counter("/IOM/Port/Reads")
        self._port_writes: Counter = statistics.counter("/IOM/Port/Writes")
        self._mmio: Counter = statistics.counter("/IOM/Mmio/Accesses")

    def port_access(self, run: memoryview) -> None:
        """Perform IN, OUT or their string forms; the kernel puts results into registers."""
        out, size, port, count, offset = _IO.unpack_from(run, api.RUN_UNION)
        block = self._ports.ranges[port]
        length = size * count
        if out:
            self._port_writes.value += count
            data = bytes(run[offset : offset + length])
            done = self._block_out(block, port, size, data) if count > 1 and block else 0
            for place in range(done * size, length, size):
                self._ports.write(port, int.from_bytes(data[place : place + size], "little"), size)
            return
        self._port_reads.value += count
        done = 0
        if count > 1 and block is not None and block.block_read is not None:
            data = block.block_read(port - block.base, size, count) or b""
            run[offset : offset + len(data)] = data
            done = len(data)
        for place in range(offset + done, offset + length, size):
            value = self._ports.read(port, size) & (1 << 8 * size) - 1
            run[place : place + size] = value.to_bytes(size, "little")

    @staticmethod
    def _block_out(block: Range, port: int, size: int, data: bytes) -> int:
        return block.block_write(port - block.base, size, data) if block.block_write else 0

    def memory_access(self, run: memoryview) -> None:
        """Perform a load or store where no memory is mapped."""
        address, data, length, write = _MMIO.unpack_from(run, api.RUN_UNION)
        if write:
            self.store(address, data[:length])
            return
        self._mmio.value += 1
        region = self._memory.section_at(address).region
        block = region.block
        if block is not None:
            value = read_range(block, address - block.base, length)
        elif region.memory is not None:  # the map has changed since the access began
            value = int.from_bytes(self._memory.read(address, length), "little")
        else:
            value = (1 << 8 * length) - 1
        start = api.RUN_UNION + 8
        run[start : start + length] = value.to_bytes(length, "little")

    def store(self, address: int, data: bytes) -> None:
        """Perform a store to a device's registers."""
        self._mmio.value += 1
        block = self._memory.section_at(address).region.block
        if block is not None:
            value = int.from_bytes(data, "little")
            write_range(block, address - block.base, value, len(data))


def failure(
    vcpu: Vcpu, reason: int, registers: dict[str, int], code: bytes
) -> ExecutionEngineError:
    """Describe an exit that nobody can handle, and say what to do.

    Args:
        vcpu: where it came.
        reason: of the exit.
        registers: of the CPU.
        code: what stands at its instruction pointer.
    """
    place = f"{registers['cs']:04x}:{registers['rip']:x}"
    if reason == api.EXIT_INTERNAL_ERROR:
        number, _ = _INTERNAL.unpack_from(vcpu.run, api.RUN_UNION)
        if number == api.INTERNAL_ERROR_EMULATION:
            return ExecutionEngineError(
                f"KVM could not emulate the instruction {code.hex(' ')} at {place}. "
                "Hosts without full virtualization of real mode cannot run this guest with "
                "KVM; choose the execution engine Unicorn for this machine."
            )
        return ExecutionEngineError(
            f"KVM failed at {place} by its internal error {number}. Start the machine again; when "
            "that does not help, choose the execution engine Unicorn for it."
        )
    if reason == api.EXIT_FAIL_ENTRY:
        hardware = struct.unpack_from("<Q", vcpu.run, api.RUN_UNION)[0]
        return ExecutionEngineError(
            f"The processor refused to enter the guest at {place} (reason {hardware:#x}). Choose "
            "the execution engine Unicorn for this machine."
        )
    return ExecutionEngineError(
        f"KVM left the guest at {place} for the reason {reason}, which this program does not know. "
        "Choose the execution engine Unicorn for this machine."
    )
