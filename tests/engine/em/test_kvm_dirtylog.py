"""The kernel's log of written pages, as the display reads it."""

from __future__ import annotations

import errno

import pytest

from engine.em.kvm import api, slots
from engine.errors import ExecutionEngineError
from engine.pdm.memory import HostMemory
from engine.vmevents import VmState
from tests.engine.kvm import needs_kvm
from tests.engine.tinypc import TinyPc

# 640x480 with 256 colours through the banked window; then a byte in row 7 changes all the time.
PAINT = """
%macro DISPI 2
  mov dx, 0x1ce
  mov ax, %1
  out dx, ax
  inc dx
  mov ax, %2
  out dx, ax
%endmacro
  DISPI 1, 640
  DISPI 2, 480
  DISPI 3, 8
  DISPI 4, 1
  mov dx, 0x3da
  in al, dx
  mov dx, 0x3c0
  mov al, 0x20
  out dx, al
  mov ax, 0xa000
  mov es, ax
forever:
  inc dword [0x504]
  mov al, [0x504]
  mov [es:5000], al
  jmp forever
"""


@needs_kvm
def test_the_display_learns_which_pages_the_guest_has_written(tmp_path):
    machine = TinyPc(tmp_path, PAINT, engine="KVM", vram_mb=1)
    vm = machine.vm
    try:
        vm.power_on()
        machine.wait_for(lambda: vm.display.video.view is not None or machine.errors())
        assert not machine.errors()
        log = vm.display.video.log
        reader, surface = log.open(), vm.display.open_surface()
        surface.update()
        assert reader.take() == (1 << 256) - 1
        count = machine.count
        machine.wait_for(lambda: machine.count > count + 3)
        assert reader.take() == 1 << 5000 // 4096
        machine.wait_for(lambda: surface.update().dirty == [(7, 8)])
        vm.pause()
        reader.take()
        assert reader.take() == 0
        assert vm.state is VmState.SUSPENDED
    finally:
        vm.power_off()
    assert reader.take() == 0  # the kernel is not asked any more


class FakeKernel:
    """Slots of a kernel that may lack a log."""

    def __init__(self, monkeypatch, *, has_log):
        self.has_log = has_log
        self.flags: list[int] = []
        self.asked = 0
        monkeypatch.setattr(slots.api, "ioctl", self.ioctl)

    def ioctl(self, _file, request, argument=None):
        if request == api.CHECK_EXTENSION:
            return 32
        record = argument._obj
        if request == api.SET_USER_MEMORY_REGION:
            if record.flags & api.MEM_LOG_DIRTY_PAGES and not self.has_log:
                raise OSError(errno.EINVAL, "Invalid argument")
            self.flags.append(record.flags)
        elif request == api.GET_DIRTY_LOG:
            self.asked += 1
            api.c.c_uint64.from_address(record.dirty_bitmap + 8).value = 0b101
        return 0


def test_the_bitmap_of_the_kernel_is_a_set_of_pages(monkeypatch):
    kernel = FakeKernel(monkeypatch, has_log=True)
    used = slots.MemorySlots(3)
    memory = HostMemory(100 * 4096)
    used.add(0xE0000000, memory.size, memory.address, logged=True)
    assert used.written(0xE0000000) == 0b101 << 64
    assert (kernel.flags, kernel.asked) == ([api.MEM_LOG_DIRTY_PAGES], 1)


def test_a_kernel_without_a_log_is_told_apart(monkeypatch):
    kernel = FakeKernel(monkeypatch, has_log=False)
    used = slots.MemorySlots(3)
    memory = HostMemory(4096)
    with pytest.raises(ExecutionEngineError, match="cannot map"):
        used.add(0, memory.size, memory.address, logged=True)
    used.add(0, memory.size, memory.address)
    assert kernel.flags == [0]


@needs_kvm
def test_without_a_log_the_display_compares(tmp_path, monkeypatch):
    original = slots.MemorySlots.add

    def add(self, *arguments, logged=False, **options):
        if logged:
            raise ExecutionEngineError("This kernel has no log.")
        original(self, *arguments, **options)

    monkeypatch.setattr(slots.MemorySlots, "add", add)
    machine = TinyPc(tmp_path, PAINT, engine="KVM", vram_mb=1)
    try:
        machine.vm.power_on()
        surface = machine.vm.display.open_surface()
        machine.wait_for(lambda: surface.update().dirty == [(7, 8)])
        assert machine.vm.display.video.log.open().take() is None
    finally:
        machine.vm.power_off()
