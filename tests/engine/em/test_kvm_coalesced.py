"""Stores to a display's window that the kernel collects."""

from __future__ import annotations

from engine.iom import Range
from tests.engine.kvm import needs_kvm
from tests.engine.tinypc import LOOP, TinyPc

# 400 stores to the window of the VGA, then one load of it, then a port.
STORES = """
  mov ax, 0xa000
  mov es, ax
  xor di, di
  mov cx, 400
fill:
  mov [es:di], cl
  inc di
  loop fill
  mov al, [es:5]
  mov [0x600], al
  mov [es:500], byte 0x77
  mov dx, 0x700
  out dx, al
""" + LOOP


class Window:
    """Takes the place of the VGA's window."""

    def __init__(self, machine):
        self.log = []
        memory = machine.vm.memory
        for device in machine.vm.devices.devices.values():
            if device.NAME == "vga":
                device.aperture.unmap()
        memory.map_mmio(Range(
            "test", "w", 0xA0000, 0x10000, (1, 2, 4),
            lambda offset, size: self.log.append(("load", offset)) or 0x5A,
            lambda offset, value, size: self.log.append((offset, value)),
            coalesce=True,
        ))  # fmt: skip
        machine.vm.ports.map(Range(
            "test", "p", 0x700, 1, (1,), None,
            lambda offset, value, size: self.log.append(("port", value)),
        ))  # fmt: skip


@needs_kvm
def test_stores_keep_their_order_and_leave_the_guest_rarely(tmp_path):
    machine = TinyPc(tmp_path, STORES, engine="KVM")
    vm = machine.vm
    window = Window(machine)
    try:
        vm.power_on()
        machine.wait_for(lambda: machine.count > 0)
        expected = [(n, 400 - n & 0xFF) for n in range(400)]
        assert window.log == [*expected, ("load", 5), (500, 0x77), ("port", 0x5A)]
        assert machine.dword(0x600) & 0xFF == 0x5A
        # A ring that is full makes an exit; so does a load.
        assert vm.statistics()["/HM/Exits/6"][0] < 20
    finally:
        vm.power_off()


@needs_kvm
def test_a_store_is_performed_although_the_guest_never_stops(tmp_path):
    source = "mov ax, 0xa000\nmov es, ax\nmov byte [es:7], 0x33\n" + LOOP
    machine = TinyPc(tmp_path, source, engine="KVM")
    window = Window(machine)
    try:
        machine.vm.power_on()
        machine.wait_for(lambda: window.log == [(7, 0x33)])
        assert machine.vm.engine.longest_run == 15_000_000
    finally:
        machine.vm.power_off()
