"""One regression test per measured fact (docs/unicorn.md); U17 and U18 in test_unicorn_code.py.

A new version of libunicorn that passes only some of them tells which workarounds can go.
"""

from __future__ import annotations

import ctypes as c
import struct
import threading
import time
from dataclasses import replace

import pytest

from engine.em import x86
from engine.em.backend import ExitReason
from engine.em.unicorn import engine as engines
from engine.em.unicorn import layout as layouts
from engine.em.unicorn.binding import REQUIRED_VERSION, Unicorn
from engine.em.unicorn.code import PhysicalInvalidator
from engine.em.unicorn.engine import UnicornEngine, calibrate
from engine.em.unicorn.stop import BlockStopper, ExitFlagStopper
from engine.errors import ExecutionEngineError
from tests.engine.em.cpubench import assemble

RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI = range(8)


def test_u1_one_cpu_runs_real_protected_and_long_mode(bench):
    bench.ram[0x9000:0x9006] = struct.pack("<HI", 0x1F, 0x9010)
    for i, value in enumerate((0, 0x00CF9A000000FFFF, 0x00CF92000000FFFF, 0x00AF9A000000FFFF)):
        bench.quad(0x9010 + 8 * i, value)
    for address, value in ((0x100000, 0x101007), (0x101000, 0x102007), (0x102000, 0x83)):
        bench.quad(address, value)
    bench.load(
        0x1000,
        """
        lgdt [0x9000]
        mov eax, cr0
        or al, 1
        mov cr0, eax
        jmp dword 8:protected
        bits 32
        protected: mov ax, 0x10
        mov ds, ax
        mov ss, ax
        mov esp, 0x30000
        mov dword [0x20000], 0x11111111
        mov eax, 0x20
        mov cr4, eax
        mov eax, 0x100000
        mov cr3, eax
        mov ecx, 0xC0000080
        rdmsr
        or eax, 0x100
        wrmsr
        mov eax, cr0
        or eax, 0x80000000
        mov cr0, eax
        jmp 0x18:long_code
        bits 64
        long_code: mov rax, 0x123456789abcdef0
        mov [0x20008], rax
        hlt
        """,
        bits=16,
    )
    bench.real_mode(0x1000)
    bench.run_until_halt()
    assert bench.dword(0x20000) == 0x11111111
    assert struct.unpack_from("<Q", bench.ram, 0x20008)[0] == 0x123456789ABCDEF0


def test_u2_the_live_state_is_found_and_is_live(bench):
    bench.load(0x1000, "mov eax, 0x12345678\nhlt", bits=16)
    bench.real_mode(0x1000)
    bench.state.regs[RBX] = 0xCAFE
    bench.run()
    assert bench.reg(RAX) == 0x12345678
    assert bench.engine._uc.register(39) == bench.reg(RBX) or bench.reg(RBX) == 0xCAFE
    assert Unicorn().version == ".".join(map(str, REQUIRED_VERSION))


def test_u2_a_layout_that_is_not_found_once_is_refused(monkeypatch):
    monkeypatch.setattr(layouts.HostMemoryReader, "read", lambda self, address, size: b"")
    with pytest.raises(ExecutionEngineError, match="found 0, 0, 0"):
        calibrate()


def test_u3_flags_are_lazy_in_the_state_and_right_when_read(bench):
    bench.load(0x1000, "xor eax, eax\nstc\nhlt", bits=16)
    bench.real_mode(0x1000)
    bench.run()
    assert bench.cpu.eflags() & 0x41 == 0x41
    bench.cpu.set_eflags(0x8D7)
    assert bench.cpu.eflags() & 0x8D5 == 0x8D5
    bench.cpu.set_eflags(0x402)
    assert bench.cpu.eflags() == 0x402


def test_u4_holes_answer_all_ones_and_drop_writes(bench):
    bench.load(0x1000, "mov eax, [0x900000]\nmov dword [0x900000], 5\nmov ebx, [0x900000]\n"
                       "movzx ecx, byte [0xD0000000]\nhlt")
    bench.protected_mode(0x1000)
    bench.run_until_halt()
    assert (bench.reg(RAX), bench.reg(RBX), bench.reg(RCX)) == (0xFFFFFFFF, 0xFFFFFFFF, 0xFF)


def test_u5_a_run_without_exits_leaves_cr2_alone(bench):
    bench.load(0x1000, "nop\nhlt", bits=64)
    bench.long_mode(0x1000)
    bench.state.cr[2] = 0x1234
    bench.run_until_halt()
    assert bench.state.cr[2] == 0x1234


STOP_LOOP = """
    mov edi, 0x20000
    mov ecx, 0x4000
    mov edx, 0x1f0
    rep insw
    mov ecx, 100000
    mov dword [0x40000], 0
again: inc dword [0x40000]
    add dword [0x40000], 2
    dec ecx
    jnz again
    hlt
"""


def _run_disturbed(bench, rounds):
    """Run the loop under constant kicks; return how often a result was wrong, and the stops."""
    count = 0

    def next_word(_size):
        nonlocal count
        count += 1
        return count & 0xFFFF

    bench.on_in(0x1F0, next_word)
    bench.load(0x1000, STOP_LOOP)
    over = threading.Event()

    def disturb():
        while not over.is_set():
            time.sleep(0.0002)
            bench.engine.kick()

    thread = threading.Thread(target=disturb)
    thread.start()
    wrong = stops = 0
    try:
        for _ in range(rounds):
            count = 0
            bench.protected_mode(0x1000)
            while bench.engine.run() is not ExitReason.HALTED:
                stops += 1
            words = struct.unpack_from("<16384H", bench.ram, 0x20000)
            wrong += words != tuple((i + 1) & 0xFFFF for i in range(16384))
            wrong += count != 0x4000 or bench.dword(0x40000) != 300000
    finally:
        over.set()
        thread.join()
    return wrong, stops


def test_u6_u7_stops_repeat_no_instruction(bench):
    assert isinstance(bench.engine._stopper, ExitFlagStopper)
    wrong, stops = _run_disturbed(bench, 12)
    assert wrong == 0
    assert stops > 50


@pytest.fixture
def no_exit_request_is_unknown(monkeypatch):
    """A build of the library in which the flag of U7 is not found."""
    monkeypatch.setattr(layouts, "find_no_exit_request", lambda uc: 0)
    monkeypatch.setattr(engines, "_calibrated", calibrate)


@pytest.mark.usefixtures("no_exit_request_is_unknown")
def test_u7_block_stops_are_the_fallback():
    from tests.engine.em.cpubench import CpuBench

    bench = CpuBench()
    try:
        assert isinstance(bench.engine._stopper, BlockStopper)
        wrong, stops = _run_disturbed(bench, 6)
    finally:
        bench.close()
    assert wrong == 0
    assert stops > 20


def test_u8_hlt_and_stop_are_told_apart(bench):
    bench.load(0x1000, "sti\nhlt\ndb 0xf4\njmp $", bits=16)
    bench.real_mode(0x1000)
    assert bench.engine.run() is ExitReason.HALTED
    # Behind a byte F4h, but not halted: the flag decides, not the byte.
    bench.state.eip = 0x1003
    timer = threading.Timer(0.05, bench.engine.kick)
    timer.start()
    assert bench.engine.run() is ExitReason.STOPPED
    timer.join()
    assert bench.state.eip == 0x1003


def test_u8_a_kick_before_the_run_ends_it(bench):
    bench.load(0x1000, "jmp $", bits=16)
    bench.real_mode(0x1000)
    bench.engine.kick()
    assert bench.engine.run() is ExitReason.STOPPED


def test_u9_faults_are_delivered_one_after_another(bench):
    """libunicorn never clears old_exception: without help the second fault becomes #DF."""
    bench.load(0x2000, "inc dword [0x5000]\npop eax\npop eax\nadd eax, 2\npush eax\n"
                       "sub esp, 4\nadd esp, 4\nmov eax, [esp]\njmp eax")
    bench.load(0x1000, "mov ecx, 3\nagain: ud2\nloop again\nhlt")
    bench.protected_mode(0x1000)
    # The handler drops the frame's error-code-less EIP by hand: EIP, CS, EFLAGS.
    bench.load(0x2000, "inc dword [0x5000]\nadd dword [esp], 2\niret")
    bench.gate(6, 0x2000)
    bench.run_until_halt()
    assert bench.dword(0x5000) == 3


def test_u9_invalid_opcode_and_divide_error_restart_at_the_instruction(bench):
    bench.protected_mode(0x1000)
    bench.load(0x1000, "xor ecx, ecx\nxor edx, edx\nmov eax, 1\ndiv ecx\nhlt")
    bench.load(0x2000, "mov ecx, 1\ninc dword [0x5000]\niret")
    bench.gate(0, 0x2000)
    bench.run_until_halt()
    assert bench.dword(0x5000) == 1
    assert bench.reg(RAX) == 1


def test_u10_syscall_and_sysret(bench):
    bench.long_mode(0x1000)
    uc = bench.engine._uc
    uc.set_msr(x86.MSR_EFER, bench.cpu.efer.value | 1)
    uc.set_msr(x86.MSR_STAR, 0x0010_0008 << 32)
    uc.set_msr(x86.MSR_LSTAR, 0x2000)
    uc.set_msr(x86.MSR_FMASK, 0x200 | 0x400)
    bench.load(0x1000, "std\nsti\nsyscall\nmov rbx, 7\nhlt", bits=64)
    bench.load(0x2000, "pushfq\npop rdx\nmov rsi, rcx\nmov rdi, r11\njmp rcx", bits=64)
    bench.run_until_halt()
    assert bench.reg(RBX) == 7
    assert bench.reg(RSI) == 0x1004
    assert bench.reg(RDI) & 0x600 == 0x600
    assert bench.reg(RDX) & 0x600 == 0


def test_u10_syscall_without_sce_is_an_invalid_opcode(bench):
    bench.long_mode(0x1000)
    bench.load(0x1000, "syscall\nhlt", bits=64)
    bench.load(0x2000, "mov rbx, [rsp]\nhlt", bits=64)
    bench.gate(6, 0x2000, size=16)
    bench.run_until_halt()
    assert bench.reg(RBX) == 0x1000


def test_u10_sysenter(bench):
    bench.protected_mode(0x1000)
    uc = bench.engine._uc
    uc.set_msr(x86.MSR_SYSENTER_CS, 8)
    uc.set_msr(x86.MSR_SYSENTER_ESP, 0x28000)
    uc.set_msr(x86.MSR_SYSENTER_EIP, 0x2000)
    bench.load(0x1000, "sysenter\nnop")
    bench.load(0x2000, "push eax\nmov ebx, esp\nhlt")
    bench.run_until_halt()
    assert bench.reg(RBX) == 0x28000 - 4


def test_u11_rep_insw_moves_the_block_at_its_first_item(bench):
    asked = []

    def block(offset, size, items):
        asked.append(items)
        return bytes(range(256)) * (items * size // 256)

    bench.on_in(0x1F0, lambda size: 0xEEEE, block_read=block)
    bench.load(0x1000, "mov edi, 0x20000\nmov ecx, 256\nmov edx, 0x1f0\ncld\nrep insw\nhlt")
    bench.protected_mode(0x1000)
    bench.run_until_halt()
    assert bytes(bench.ram[0x20000:0x20200]) == bytes(range(256)) * 2
    assert asked[0] == 256
    assert len(asked) <= 2
    assert (bench.reg(RCX), bench.reg(RDI)) == (0, 0x20200)


def test_u11_a_string_stops_before_a_page_that_faults(bench):
    """Data for a page that is not there yet must stay in the device."""
    stream = iter(range(1, 100_000))

    def block(offset, size, items):
        return b"".join((next(stream) & 0xFFFF).to_bytes(2, "little") for _ in range(items))

    bench.on_in(0x1F0, lambda size: next(stream) & 0xFFFF, block_read=block)
    bench.paging32(0x1000)
    struct.pack_into("<I", bench.ram, 0x101000 + 4 * 0x21, 0)  # page 21000h is not present
    bench.load(0x1000, "mov edi, 0x20f00\nmov ecx, 256\nmov edx, 0x1f0\ncld\nrep insw\nhlt")
    bench.load(0x2000, "add esp, 4\nmov dword [0x101084], 0x21007\ninc dword [0x5000]\niret")
    bench.gate(14, 0x2000)
    bench.run_until_halt()
    assert bench.dword(0x5000) == 1
    words = struct.unpack_from("<256H", bench.ram, 0x20F00)
    assert words == tuple(range(1, 257))


PATCH = "mov eax, {}\nret"


def _patched_by_host(bench, linear):
    """Call a function, let the host rewrite it in physical page 5000h, call again."""
    code = assemble("mov eax, 1\nret", 0x5000)
    bench.ram[0x5000 : 0x5000 + len(code)] = code
    bench.on_out(2, lambda value: bench.memory.write(0x5001, b"\x03"))
    return f"""
        call {linear:#x}
        call {linear:#x}
        out 2, al
        call {linear:#x}
        mov ebx, eax
        hlt
    """


def test_u12_host_writes_drop_translations(bench):
    bench.load(0x1000, _patched_by_host(bench, 0x5000))
    bench.protected_mode(0x1000)
    bench.run_until_halt()
    assert bench.reg(RBX) == 3


def test_u12_host_writes_drop_translations_under_paging(bench):
    """uc_ctl_remove_cache walks the guest's tables for a linear address and overwrites CR2."""
    source = _patched_by_host(bench, 0x1F0000)
    bench.long_mode(0x1000)
    bench.quad(0x103000 + 8 * 0x1F0, 0x5007)
    bench.quad(0x103000 + 8 * 5, 0)  # no identity mapping of the page
    bench.load(0x1000, source, bits=64)
    bench.state.cr[2] = 0x77
    bench.run_until_halt()
    assert bench.reg(RBX) == 3
    assert bench.state.cr[2] == 0x77


def test_u12_without_the_exported_function_everything_is_flushed(bench, monkeypatch):
    monkeypatch.setattr(bench.engine._invalidator, "_invalidate", None)
    bench.load(0x1000, _patched_by_host(bench, 0x5000).replace("out 2, al", "out 2, al\njmp a\na:"))
    bench.protected_mode(0x1000)
    original = bench.engine._invalidator.drop

    def drop(address, size):
        original(address, size)
        bench.engine.kick()

    monkeypatch.setattr(bench.engine._invalidator, "drop", drop)
    bench.run_until_halt()
    assert bench.reg(RBX) == 3
    assert isinstance(bench.engine._invalidator, PhysicalInvalidator)


def test_u13_wide_mmio_comes_in_halves(bench):
    from engine.iom import Range

    seen = []

    def read(offset, size):
        seen.append((offset, size))
        return 0x11 * (offset + 1)

    bench.memory.map_mmio(Range("test", "regs", 0xD0000000, 0x1000, (1, 2, 4), read, None))
    bench.long_mode(0x1000)
    bench.quad(0x102000 + 8, 0xD0000083)  # 2 MiB page at linear 200000h
    bench.load(0x1000, "mov rax, [0x200000]\nhlt", bits=64)
    bench.run_until_halt()
    assert seen == [(0, 4), (4, 4)]


def test_u14_cpuid_is_ours_and_hides_the_apic(bench):
    bench.load(0x1000, "mov eax, 1\ncpuid\nmov esi, ecx\nmov edi, edx\nmov eax, 0x80000002\n"
                       "cpuid\nhlt")
    bench.protected_mode(0x1000)
    bench.run_until_halt()
    assert not bench.reg(RDI) & 1 << 9
    assert bench.reg(RDI) & 1 << 26
    assert bench.reg(RSI) >> 31 == 1
    assert struct.pack("<I", bench.reg(RAX)) == b"Vitr"


def test_u15_avx_is_not_announced(bench):
    bench.load(0x1000, "mov eax, 1\ncpuid\nhlt")
    bench.protected_mode(0x1000)
    bench.run_until_halt()
    assert not bench.reg(RCX) & (1 << 28 | 1 << 27 | 1 << 26)


def test_u16_the_policy_follows_the_cpu_mode(bench):
    bench.load(0x1000, "hlt")
    bench.protected_mode(0x1000)
    bench.run_until_halt()
    assert bench.engine._tlb.active
    bench.load(0x1000, "hlt", bits=64)
    bench.long_mode(0x1000)
    bench.run_until_halt()
    assert not bench.engine._tlb.active


def test_u16_the_table_is_flushed_and_grows(bench):
    bench.load(0x1000, "mov ecx, 40\nouter: mov esi, 0x100000\nmov edx, 1024\n"
                       "inner: mov eax, [esi]\nadd esi, 4096\ndec edx\njnz inner\nloop outer\nhlt")
    bench.protected_mode(0x1000)
    bench.run_until_halt()
    # 1024 pages, 40 times: a table that never grew from 256 entries would miss 40,000 times.
    assert bench.engine._tlb.fills < 20_000


def test_u16_sequential_access_is_filled_ahead(bench):
    bench.load(0x1000, "mov edi, 0x200000\nmov ecx, 0x100000\nmov eax, 0x11223344\nrep stosd\nhlt")
    bench.protected_mode(0x1000)
    bench.run_until_halt()
    assert bytes(bench.ram[0x200000:0x600000]) == b"\x44\x33\x22\x11" * 0x100000
    assert bench.engine._tlb.fills < 1024 // 8


def test_u16_pages_filled_ahead_keep_notice_of_code(bench):
    """A page of code that a sequential store runs into must lose its translation."""
    bench.load(0x204000, "mov al, 1\nret")
    bench.load(0x1000, "xor eax, eax\ncall 0x204000\nmov esi, eax\nmov edi, 0x200000\n"
                       "mov ecx, 0x1000\nrep stosd\nmov eax, 0xc309b0\nstosd\n"
                       "mov eax, 0x77\ncall 0x204000\nhlt")
    bench.protected_mode(0x1000)
    bench.run_until_halt()
    assert (bench.reg(RSI), bench.reg(RAX)) == (1, 9)


LOST_LOOP = """
    mov ebx, 30000
again: syscall
    out 0x51, al
    in al, 0x52
    dec ebx
    jnz again
    hlt
"""


@pytest.mark.parametrize("fallback", [False, True])
def test_u19_a_stop_loses_no_instruction_hook(fallback, request):
    """With uc_emu_stop from another thread, hooks behind the first of the list are skipped."""
    from tests.engine.em.cpubench import CpuBench

    if fallback:
        request.getfixturevalue("no_exit_request_is_unknown")
    bench = CpuBench()
    counts = {"out": 0, "in": 0}

    def out(_value):
        counts["out"] += 1

    def read(_size):
        counts["in"] += 1
        return 0

    bench.long_mode(0x1000)
    uc = bench.engine._uc
    uc.set_msr(x86.MSR_EFER, bench.cpu.efer.value | 1)
    uc.set_msr(x86.MSR_STAR, 0x0010_0008 << 32)
    uc.set_msr(x86.MSR_LSTAR, 0x2000)
    bench.on_out(0x51, out)
    bench.on_in(0x52, read)
    bench.load(0x1000, LOST_LOOP, bits=64)
    bench.load(0x2000, "inc dword [0x5000]\njmp rcx", bits=64)
    over = threading.Event()

    def disturb():
        while not over.is_set():
            bench.engine.kick()
            time.sleep(0.00005)

    thread = threading.Thread(target=disturb)
    thread.start()
    try:
        while bench.engine.run() is not ExitReason.HALTED:
            pass
    finally:
        over.set()
        thread.join()
        bench.close()
    assert (bench.dword(0x5000), counts["out"], counts["in"]) == (30000, 30000, 30000)


def test_the_engine_tells_where_a_device_failed(bench):
    def fail(value):
        raise ZeroDivisionError("broken device")

    bench.on_out(0x50, fail)
    bench.load(0x1000, "mov al, 1\nout 0x50, al\nhlt", bits=16)
    bench.real_mode(0x1000)
    with pytest.raises(ExecutionEngineError, match="broken device"):
        bench.engine.run()


def test_stores_to_rom_are_dropped_and_the_guest_goes_on(bench):
    from engine.pdm.memory import HostMemory
    from engine.pgm import Region, RegionKind

    rom = HostMemory(0x1000)
    rom.view[:4] = b"ROM!"
    bench.memory.add(Region("rom", RegionKind.ROM, 0x80000, 0x1000, 20, memory=rom))
    bench.load(0x1000, "mov dword [0x80000], 0\nmov eax, [0x80000]\nmov edi, 0x80000\n"
                       "mov ecx, 8\nxor ebx, ebx\nrep stosd\nmov ebx, 5\nhlt")
    bench.protected_mode(0x1000)
    bench.run_until_halt()
    assert bytes(rom.view[:4]) == b"ROM!"
    assert struct.pack("<I", bench.reg(RAX)) == b"ROM!"
    assert bench.reg(RBX) == 5


def test_execution_outside_memory_is_an_invalid_opcode(bench):
    bench.protected_mode(0x1000)
    bench.load(0x1000, "mov ebx, 1\nmov eax, 0xd0000000\njmp eax")
    bench.load(0x2000, "mov ecx, [esp]\nhlt")
    bench.gate(6, 0x2000)
    bench.run_until_halt()
    assert (bench.reg(RBX), bench.reg(RCX)) == (1, 0xD0000000)


def test_execution_outside_memory_without_a_handler_shuts_down(bench):
    bench.protected_mode(0x1000)
    bench.load(0x1000, "mov eax, 0xd0000000\njmp eax")
    bench.state.idt.limit = 0
    bench.run(ExitReason.TRIPLE_FAULT)


def test_two_engines_live_side_by_side(bench):
    other = UnicornEngine()
    other.close()
    bench.load(0x1000, "mov eax, 5\nhlt", bits=16)
    bench.real_mode(0x1000)
    bench.run()
    assert bench.reg(RAX) == 5


def test_the_layout_addresses_are_those_of_this_engine(bench):
    live = c.c_uint64.from_address(bench.engine._layout.state).value
    assert live == bench.reg(RAX)


def test_u2_a_neighbour_on_the_heap_is_not_taken_for_the_cpu(monkeypatch):
    """An object in front of the CPU object that an engine points to, in one engine only."""
    true = calibrate()[0].place
    search = layouts._possible_places
    crowded = []

    def search_in_a_crowd(uc, memory):
        places = search(uc, memory)
        if not crowded:
            crowded.append(uc)
            places.add(layouts.StatePlace(true.pointer - 8, true.distance - 64))
        return places | {layouts.StatePlace(true.pointer + 8, true.distance + 48)}

    monkeypatch.setattr(layouts, "_possible_places", search_in_a_crowd)
    assert calibrate()[0].place == true


def test_u2_a_state_that_is_elsewhere_is_refused():
    layout, _ = calibrate()
    uc = Unicorn()
    wrong = replace(layout.place, distance=layout.place.distance + 16)
    with pytest.raises(ExecutionEngineError, match="not where it is in other engines"):
        layouts.find_state(uc, wrong)
    uc.close()
