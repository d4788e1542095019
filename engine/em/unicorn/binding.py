"""The part of libunicorn's C interface that the engine uses, without the Python wrapper.

The wrapper costs twice the time per callback and lacks what the engine needs (raw hook addresses,
one-argument TLB flush, RDTSC hooks). Reference: unicorn/unicorn.h of 2.1.4.
"""

from __future__ import annotations

import ctypes as c
from typing import TYPE_CHECKING, Any, cast

from unicorn.unicorn_const import (
    UC_ARCH_X86,
    UC_CTL_CPU_MODEL,
    UC_CTL_IO_WRITE,
    UC_CTL_TB_FLUSH,
    UC_CTL_TB_REMOVE_CACHE,
    UC_CTL_TCG_BUFFER_SIZE,
    UC_CTL_TLB_FLUSH,
    UC_CTL_TLB_TYPE,
    UC_CTL_UC_USE_EXITS,
    UC_ERR_OK,
    UC_MODE_64,
)
from unicorn.unicorn_py3.unicorn import uc_version, uclib
from unicorn.x86_const import UC_X86_REG_MSR

from engine.errors import ExecutionEngineError

if TYPE_CHECKING:
    from collections.abc import Callable

REQUIRED_VERSION = (2, 1, 4)

INTR_CB = c.CFUNCTYPE(None, c.c_void_p, c.c_uint32, c.c_void_p)
INVALID_CB = c.CFUNCTYPE(c.c_bool, c.c_void_p, c.c_void_p)
IN_CB = c.CFUNCTYPE(c.c_uint32, c.c_void_p, c.c_uint32, c.c_int, c.c_void_p)
OUT_CB = c.CFUNCTYPE(None, c.c_void_p, c.c_uint32, c.c_int, c.c_uint32, c.c_void_p)
SYSCALL_CB = c.CFUNCTYPE(None, c.c_void_p, c.c_void_p)
CPUID_CB = c.CFUNCTYPE(c.c_int, c.c_void_p, c.c_void_p)
BLOCK_CB = c.CFUNCTYPE(None, c.c_void_p, c.c_uint64, c.c_uint32, c.c_void_p)
EDGE_CB = c.CFUNCTYPE(None, c.c_void_p, c.c_void_p, c.c_void_p, c.c_void_p)
TLB_FILL_CB = c.CFUNCTYPE(c.c_bool, c.c_void_p, c.c_uint64, c.c_int, c.c_void_p, c.c_void_p)
MMIO_READ_CB = c.CFUNCTYPE(c.c_uint64, c.c_void_p, c.c_uint64, c.c_uint, c.c_void_p)
MMIO_WRITE_CB = c.CFUNCTYPE(None, c.c_void_p, c.c_uint64, c.c_uint, c.c_uint64, c.c_void_p)


class TlbEntry(c.Structure):
    """``uc_tlb_entry``: what a TLB-fill hook answers."""

    _fields_ = [("paddr", c.c_uint64), ("perms", c.c_uint32)]


class TranslationBlock(c.Structure):
    """``uc_tb``: what an edge hook is told of a block; ``pc`` is linear."""

    _fields_ = [("pc", c.c_uint64), ("icount", c.c_uint16), ("size", c.c_uint16)]


class Unicorn:
    """An opened x86 engine of libunicorn in 64-bit mode (U1: any CPU mode runs from there).

    Attributes:
        lib: the C library, for its addresses. handle: the ``uc_engine`` pointer.
    """

    def __init__(self) -> None:
        # The third number packs all of them: major, minor, patch, release.
        packed: int = uc_version()[2]
        version = (packed >> 24 & 0xFF, packed >> 16 & 0xFF, packed >> 8 & 0xFF)
        self.version = ".".join(str(part) for part in version)
        if version != REQUIRED_VERSION:
            raise ExecutionEngineError(
                f"libunicorn {self.version} is installed; the engine relies on the insides of "
                f"version 2.1.4. Install it with: pip install unicorn==2.1.4"
            )
        self.lib = c.CDLL(uclib._name)
        handle = c.c_void_p()
        self.check(self.lib.uc_open(UC_ARCH_X86, UC_MODE_64, c.byref(handle)), "open a CPU")
        self.handle = handle.value or 0
        self._keep: list[Any] = []
        self._bind()

    def _bind(self) -> None:
        """Give the functions of hot paths their argument types once."""
        lib, pointer, u64 = self.lib, c.c_void_p, c.c_uint64

        def function(name: str, *types: Any) -> Any:
            return c.CFUNCTYPE(c.c_int, pointer, *types)((name, lib))

        self.emu_start = function("uc_emu_start", u64, u64, u64, c.c_size_t)
        self.emu_stop = function("uc_emu_stop")
        self.reg_read = function("uc_reg_read", c.c_int, pointer)
        self.reg_write = function("uc_reg_write", c.c_int, pointer)
        self.mem_map_ptr = function("uc_mem_map_ptr", u64, c.c_size_t, c.c_uint32, pointer)
        self.mem_unmap = function("uc_mem_unmap", u64, c.c_size_t)
        self.mmio_map = function(
            "uc_mmio_map", u64, c.c_size_t, pointer, pointer, pointer, pointer
        )
        # uc_ctl and uc_hook_add are variadic: fixed arguments declared, the others typed per call.
        lib.uc_ctl.argtypes = (pointer, c.c_int)
        lib.uc_hook_add.argtypes = (pointer, pointer, c.c_int, pointer, pointer, u64, u64)
        self._context_size = c.CFUNCTYPE(c.c_size_t, pointer)(("uc_context_size", lib))
        # Its address is a callback that does nothing: const char *uc_strerror(uc_err).
        self.harmless_callback = c.cast(lib.uc_strerror, pointer).value or 0

    def check(self, code: int, what: str) -> None:
        """Turn an error code of the library into an exception that says what failed."""
        if code != UC_ERR_OK:
            self.lib.uc_strerror.restype = c.c_char_p
            text = self.lib.uc_strerror(code).decode()
            raise ExecutionEngineError(f"Unicorn could not {what}: {text} (error {code}).")

    @property
    def context_size(self) -> int:
        """Size of a saved context in bytes. Asking initializes the CPU: its model is then fixed."""
        return int(self._context_size(self.handle))

    # ------------------------------------------------------------------ controls

    def _control(self, control: int, *arguments: Any) -> int:
        code = c.c_int(UC_CTL_IO_WRITE << 30 | len(arguments) << 26 | control)
        return int(self.lib.uc_ctl(self.handle, code, *arguments))

    def enable_exits(self) -> None:
        """Run without an `until` address (U5)."""
        self.check(self._control(UC_CTL_UC_USE_EXITS, c.c_int(1)), "set exits")

    def set_cpu_model(self, model: int) -> None:
        """Choose the CPU model; only before anything else is done with the engine."""
        self.check(self._control(UC_CTL_CPU_MODEL, c.c_int(model)), f"take CPU model {model}")

    def set_translation_buffer(self, size: int) -> None:
        """Choose the bytes for translated code; only before anything else is done.

        When it is full, everything is dropped and translated anew.
        """
        code = self._control(UC_CTL_TCG_BUFFER_SIZE, c.c_uint32(size))
        self.check(code, f"take a translation buffer of {size} bytes")

    def remove_cache(self, low: int, high: int) -> None:
        """Drop translations of physical addresses ``low .. high - 1``."""
        self._control(UC_CTL_TB_REMOVE_CACHE, c.c_uint64(low), c.c_uint64(high))

    def flush_translations(self) -> None:
        """Drop all translations; never inside a callback."""
        self._control(UC_CTL_TB_FLUSH)

    def flush_tlb(self) -> None:
        """Empty the TLB; allowed inside callbacks. The Python wrapper lacks this control."""
        self._control(UC_CTL_TLB_FLUSH)

    def set_tlb_type(self, kind: int) -> None:
        """Choose who fills the TLB: the CPU's page walk or our hook."""
        self.check(self._control(UC_CTL_TLB_TYPE, c.c_int(kind)), "set the TLB type")

    # ------------------------------------------------------------------ hooks and registers

    def add_hook(
        self, kind: int, callback: Any, *arguments: int, begin: int = 1, end: int = 0
    ) -> int:
        """Install a hook and return the address of its record.

        Args:
            kind: UC_HOOK_*.
            callback: a ctypes function (kept alive) or the address of a C function.
            arguments: further arguments (the instruction for UC_HOOK_INSN).
            begin: first address, ``begin > end`` means everywhere.
            end: last address.
        """
        record = c.c_size_t()
        if not isinstance(callback, int):
            self._keep.append(callback)
            address = c.cast(callback, c.c_void_p).value
        else:
            address = callback
        extra = [c.c_int(argument) for argument in arguments]
        code = self.lib.uc_hook_add(
            self.handle, c.byref(record), kind, address, None, begin, end, *extra
        )
        self.check(code, f"install hook {kind:#x}")
        return record.value

    def register(self, number: int) -> int:
        """Return a register of up to 64 bits."""
        value = c.c_uint64()
        self.reg_read(self.handle, number, c.byref(value))
        return value.value

    def set_register(self, number: int, value: int) -> None:
        """Set a register of up to 64 bits."""
        self.reg_write(self.handle, number, c.byref(c.c_uint64(value)))

    def msr(self, number: int) -> int:
        """Return a model-specific register."""
        record = (c.c_uint64 * 2)(number, 0)
        self.reg_read(self.handle, UC_X86_REG_MSR, c.byref(record))
        return int(record[1])

    def set_msr(self, number: int, value: int) -> None:
        """Set a model-specific register."""
        record = (c.c_uint64 * 2)(number, value)
        self.reg_write(self.handle, UC_X86_REG_MSR, c.byref(record))

    def close(self) -> None:
        """Free the engine."""
        if self.handle:
            self.lib.uc_close(c.c_void_p(self.handle))
            self.handle = 0


def as_callback(prototype: Any, function: Callable[..., Any]) -> Any:
    """Wrap a Python function as a C callback of the given prototype."""
    return cast("Any", prototype(function))
