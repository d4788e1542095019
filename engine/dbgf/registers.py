"""Registers of the virtual CPU by name, as the debugger shows and changes them.

The names are those of VirtualBox's DBGF: a segment register ``cs`` has ``cs_attr``, ``cs_base`` and
``cs_lim`` beside it; model-specific registers go by their usual names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from engine.dbgf.errors import DebuggerError

if TYPE_CHECKING:
    from engine.vm import VM

_SELECTORS: Final = frozenset({"es", "cs", "ss", "ds", "fs", "gs", "ldtr", "tr"})
_NARROW: Final = {
    f"{prefix}{letter}{suffix}": (f"r{letter}{suffix or ''}", bits)
    for letter in "abcd"
    for prefix, suffix, bits in (("e", "x", 32), ("", "x", 16))
} | {
    f"{prefix}{name}": (f"r{name}", bits)
    for name in ("sp", "bp", "si", "di", "ip")
    for prefix, bits in (("e", 32), ("", 16))
} | {"eflags": ("rflags", 32), "flags": ("rflags", 16)}  # fmt: skip
"""Names of parts of registers: the register, and how many low bits of it."""


def bits_of(name: str) -> int:
    """Width of a register in bits, which decides how many digits are shown."""
    if name in _SELECTORS:
        return 16
    return 32 if name.endswith(("_attr", "_lim")) else 64


def spelled(value: int, bits: int) -> str:
    """A value in hexadecimal with all its digits."""
    return f"{value:#0{bits // 4 + 2}x}"


def read_registers(vm: VM, cpu: int = 0) -> dict[str, str]:
    """All registers of a processor, in the debugger's order; works in every state but off.

    Raises:
        DebuggerError: there is no such processor.
    """
    _require_processor(vm, cpu)
    values = vm.inspect(vm.engine.registers)
    return {name: spelled(value, bits_of(name)) for name, value in values.items()}


def read_register(vm: VM, name: str, cpu: int = 0) -> str:
    """One register, or the part of one (``eax``, ``ip``); upper and lower case are the same.

    Raises:
        DebuggerError: there is no such processor or register.
    """
    _require_processor(vm, cpu)
    values = vm.inspect(vm.engine.registers)
    wanted = _plain_name(name)
    whole, bits = _NARROW.get(wanted, (wanted, bits_of(wanted)))
    if whole not in values:
        raise DebuggerError(f"The virtual CPU has no register '{name}'.")
    return spelled(values[whole] & (1 << bits) - 1, bits)


def write_registers(vm: VM, values: dict[str, str], cpu: int = 0) -> None:
    """Change registers; all names and values are checked before the first one changes.

    Raises:
        DebuggerError: no such processor or register, a value that is none or too large, or a
            register that cannot be changed by itself (segment and control registers).
    """
    _require_processor(vm, cpu)

    def change() -> None:
        changed: list[str] = []
        present = vm.engine.registers()
        for name, text in values.items():
            whole, value = _assignment(present, name, text)
            if whole not in vm.engine.settable_registers:
                raise DebuggerError(f"The register '{name}' cannot be changed by the debugger.")
            present[whole] = value
            changed.append(whole)
        for whole in changed:
            vm.engine.set_register(whole, present[whole])

    vm.inspect(change)


def _assignment(present: dict[str, int], name: str, text: str) -> tuple[str, int]:
    wanted = _plain_name(name)
    whole, bits = _NARROW.get(wanted, (wanted, bits_of(wanted)))
    if whole not in present:
        raise DebuggerError(f"The virtual CPU has no register '{name}'.")
    try:
        value = int(text, 0)
    except ValueError:
        raise DebuggerError(f"'{text}' is not a number for the register '{name}'.") from None
    if not 0 <= value < 1 << bits:
        raise DebuggerError(f"{text} does not fit into the {bits} bits of '{name}'.")
    # Writing the low half of a 64-bit register clears the upper one (SDM 1, 3.4.1.1).
    kept = present[whole] & ~0xFFFF if bits == 16 else 0
    return whole, kept | value


def _plain_name(name: str) -> str:
    """The name in lower case, without a register set (``cpu.rax``)."""
    return name.lower().rpartition(".")[2]


def _require_processor(vm: VM, cpu: int) -> None:
    if cpu != 0:
        raise DebuggerError(f"The machine {vm.name} has one processor, number 0; not {cpu}.")
