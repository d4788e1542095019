"""EHCI: who owns a port, both schedules, doorbells, time, saved states, hostile schedules."""

from __future__ import annotations

import struct

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.devices.usb import ehci_registers as r
from engine.devices.usb import ohci_registers as ohci
from engine.pdm import ResetKind
from engine.vusb.descriptors import Speed
from tests.engine.devices.usb.ehcirig import (
    BUFFERS,
    END,
    LIST,
    MILLISECOND,
    PORT,
    QHS,
    QTDS,
    EhciRig,
)
from tests.engine.devices.usb.hostile import write_anything
from tests.engine.devices.usb.ohcirig import GET_DESCRIPTOR_DEVICE

FAILED = r.QTD_HALTED | r.QTD_BUFFER_ERROR | r.QTD_BABBLE | r.QTD_TRANSACTION_ERROR
BULK_OUT, BULK_IN = 2, 1


@pytest.fixture
def rig():
    return EhciRig()


@pytest.fixture
def disk(rig):
    rig.enumerate()
    return rig


def companion_port(rig, port=PORT):
    return rig.ohci.read_register(ohci.HC_RH_PORT_STATUS + 4 * port, 4)


def disk_of(rig):
    return rig.hc.device_at(PORT)


def read_command(sector, count):
    block = struct.pack(">BBIBHB", 0x28, 0, sector, 0, count, 0)
    return struct.pack("<4sIIBBB16s", b"USBC", 7, 512 * count, 0x80, 0, 10, block)


def read_sectors(rig, sector, count, buffer=BUFFERS + 0x2000):
    """Read from the disk by three transfers; return the data and the status."""
    out = rig.queue_head(1, 5, BULK_OUT, 512)
    into = rig.queue_head(2, 5, BULK_IN, 512)
    rig.store(out, into | r.TYPE_QH << 1)
    rig.store(into, out | r.TYPE_QH << 1)
    rig.memory.write(BUFFERS, read_command(sector, count))
    status = rig.descriptor(r.PID_IN, BUFFERS + 0x1000, 13)
    rig.append(out, rig.descriptor(r.PID_OUT, BUFFERS, 31))
    rig.append(into, rig.descriptor(r.PID_IN, buffer, 512 * count, following=status))
    rig.run_circle(out)
    assert not rig.token(status) & (r.QTD_ACTIVE | FAILED)
    return rig.memory.read(buffer, 512 * count), rig.memory.read(BUFFERS + 0x1000, 13)


def saved(rig):
    """Return a new rig in the state of another one."""
    again = EhciRig()
    again.memory.write(0x10_0000, rig.memory.read(0x10_0000, 0x40000))
    again.clock = rig.clock
    for old, new in ((rig.hc, again.hc), (rig.ohci, again.ohci)):
        state = msgspec.msgpack.encode(old.state_to_save())
        new.load_pci_state(old.pci_state())
        new.state = msgspec.msgpack.decode(state, type=type(old.state))
        new.state_loaded(1)
    return again


# ---------------------------------------------------------------------- ports


def test_capabilities_name_the_companion(rig):
    assert rig.hc.read_register(0, 1) == r.OPERATIONAL
    assert rig.hc.read_register(2, 2) == 0x0100
    assert rig.hc.read_register(r.HCSPARAMS, 4) == 0x1C0C
    assert EhciRig(companion=False).hc.read_register(r.HCSPARAMS, 4) == 0x000C


def test_ports_are_the_companions_until_the_guest_takes_them(rig):
    assert rig.port() == r.PORT_PP | r.PORT_OWNER
    assert companion_port(rig) & ohci.PORT_CCS
    assert disk_of(rig).speed is Speed.FULL
    rig.op(r.CONFIGFLAG, 1)
    assert rig.port() & ~r.PORT_J_STATE == r.PORT_PP | r.PORT_CCS | r.PORT_CSC
    assert rig.take() == r.STS_PCD
    assert companion_port(rig) & (ohci.PORT_CCS | ohci.PORT_CSC) == ohci.PORT_CSC
    assert disk_of(rig).speed is Speed.HIGH
    # What is plugged into the companion itself is nobody else's.
    assert companion_port(rig, 0) & ohci.PORT_CCS
    assert not rig.port(0) & r.PORT_CCS
    rig.op(r.CONFIGFLAG, 0)
    assert companion_port(rig) & ohci.PORT_CCS
    assert rig.port() & (r.PORT_OWNER | r.PORT_CCS) == r.PORT_OWNER


def test_a_single_port_goes_to_the_companion_and_comes_back(disk):
    disk.put_port(r.PORT_PP | r.PORT_OWNER)
    assert disk.port() & (r.PORT_OWNER | r.PORT_CCS | r.PORT_PED) == r.PORT_OWNER
    assert companion_port(disk) & ohci.PORT_CCS
    assert disk_of(disk).address == 0
    disk.put_port(r.PORT_PP)
    assert disk.port() & r.PORT_CCS
    assert not companion_port(disk) & ohci.PORT_CCS


def test_a_port_whose_device_is_gone_is_ours_again(disk):
    disk.put_port(r.PORT_PP | r.PORT_OWNER)
    disk.hc.unplug_drive(PORT)
    assert not companion_port(disk) & ohci.PORT_CCS
    assert not disk.port() & r.PORT_OWNER
    disk.hc.plug_drive(PORT, "disk")
    assert disk.port() & (r.PORT_CCS | r.PORT_CSC) == r.PORT_CCS | r.PORT_CSC


def test_only_a_fast_device_is_enabled_by_a_reset():
    rig = EhciRig(",,mouse", companion=False)
    rig.take_ports()
    assert rig.port() & (r.PORT_CCS | r.PORT_PED) == r.PORT_CCS
    rig.put_port(r.PORT_PP | r.PORT_OWNER)
    assert not rig.port() & r.PORT_OWNER  # there is nobody to give it to
    rig = EhciRig()
    rig.take_ports()
    assert rig.port() & (r.PORT_CCS | r.PORT_PED) == r.PORT_CCS | r.PORT_PED


def test_a_suspended_port_does_not_answer_until_it_is_resumed(disk):
    disk.put_port(r.PORT_PP | r.PORT_PED | r.PORT_SUSPEND)
    assert disk.control(5, GET_DESCRIPTOR_DEVICE, 18)[0][0] & r.QTD_HALTED
    disk.put_port(r.PORT_PP | r.PORT_PED | r.PORT_FPR)
    assert disk.port() & (r.PORT_FPR | r.PORT_SUSPEND) == r.PORT_FPR | r.PORT_SUSPEND
    disk.put_port(r.PORT_PP | r.PORT_PED)
    assert not disk.port() & (r.PORT_FPR | r.PORT_SUSPEND)
    assert not disk.control(5, GET_DESCRIPTOR_DEVICE, 18)[0][0] & FAILED


def test_changes_are_cleared_by_writing_them_and_the_line_follows(rig):
    rig.op(r.CONFIGFLAG, 1)
    assert rig.hc.intx.level
    rig.take()
    assert not rig.hc.intx.level
    rig.put_port(r.PORT_PP | r.PORT_CSC)
    assert not rig.port() & r.PORT_CSC


# ---------------------------------------------------------------------- the circle of queues


def test_a_control_transfer_reads_the_descriptor_at_high_speed(disk):
    tokens, data = disk.control(5, GET_DESCRIPTOR_DEVICE, 18)
    assert not any(token & (r.QTD_ACTIVE | FAILED) for token in tokens)
    assert struct.unpack_from("<BBH", data) == (18, 1, 0x0200)
    assert disk.take() == r.STS_INT


def test_a_short_answer_goes_on_at_the_alternate_descriptor(disk):
    tokens, data = disk.control(5, GET_DESCRIPTOR_DEVICE[:6] + b"\x40\0", 64)
    assert len(data) == 18
    assert tokens[1] >> 16 & 0x7FFF == 46
    assert not tokens[2] & (r.QTD_ACTIVE | FAILED)


def test_a_stall_halts_the_queue(disk):
    tokens, _ = disk.control(5, bytes([0x80, 6, 0, 0x77, 0, 0, 8, 0]), 8)
    assert tokens[1] & (r.QTD_HALTED | r.QTD_ACTIVE) == r.QTD_HALTED
    assert tokens[2] & r.QTD_ACTIVE
    assert disk.take() & r.STS_ERROR


def test_nobody_answers_at_an_unknown_address(disk):
    tokens, _ = disk.control(9, GET_DESCRIPTOR_DEVICE, 18)
    assert tokens[0] & FAILED == r.QTD_HALTED | r.QTD_TRANSACTION_ERROR
    assert tokens[0] & r.QTD_ERROR_COUNT == 0


@pytest.mark.parametrize("offset", [0, 0x200, 0xE30])
def test_a_disk_is_read_into_pages(disk, offset):
    data, status = read_sectors(disk, 3, 32, BUFFERS + 0x4000 + offset)
    assert data == bytes(disk.medium.data[3 * 512 : 35 * 512])
    assert status == struct.pack("<4sIIB", b"USBS", 7, 0, 0)


def test_pages_need_not_follow_one_another(disk):
    out, into = disk.queue_head(1, 5, BULK_OUT, 512), disk.queue_head(2, 5, BULK_IN, 512)
    disk.store(out, into | r.TYPE_QH << 1)
    disk.store(into, out | r.TYPE_QH << 1)
    disk.memory.write(BUFFERS, read_command(0, 9))
    qtd = disk.descriptor(r.PID_IN, BUFFERS + 0x2F00, 9 * 512)
    disk.store(qtd + 16, BUFFERS + 0x9000, BUFFERS + 0x6000)
    disk.append(out, disk.descriptor(r.PID_OUT, BUFFERS, 31))
    disk.append(into, qtd)
    disk.run_circle(out)
    read = disk.memory.read
    pieces = read(BUFFERS + 0x2F00, 256), read(BUFFERS + 0x9000, 4096), read(BUFFERS + 0x6000, 256)
    assert b"".join(pieces) == bytes(disk.medium.data[: 9 * 512])
    # Nine packets: the toggle has changed, and the position is told.
    token = disk.token(qtd)
    assert token & r.QTD_TOGGLE
    assert token >> 12 & 7 == 2


def test_a_transfer_larger_than_its_pages_is_an_error(disk):
    qh = disk.queue_head(1, 5, BULK_IN, 512)
    qtd = disk.descriptor(r.PID_IN, BUFFERS + 0xF00, 0x5000)
    disk.append(qh, qtd)
    disk.run_circle(qh)
    assert disk.token(qtd) & FAILED == r.QTD_HALTED | r.QTD_BUFFER_ERROR


def test_work_appended_without_a_word_is_found(disk):
    qh = disk.queue_head(1, 5, BULK_IN, 512)
    disk.run_circle(qh, 1000 * MILLISECOND)
    qtd = disk.descriptor(r.PID_IN, BUFFERS, 13)
    disk.append(qh, qtd)
    disk.advance(8 * MILLISECOND)
    assert disk.words(qh + r.QH_CURRENT, 1) == (qtd,)


def test_the_doorbell_is_answered(disk):
    qh = disk.queue_head(1, 5, BULK_IN, 512)
    disk.run_circle(qh)
    disk.take()
    disk.op(r.USBCMD, r.CMD_RUN | r.CMD_ASE | r.CMD_IAAD)
    disk.op(r.USBCMD, r.CMD_RUN | r.CMD_ASE)
    assert disk.get(r.USBCMD) & r.CMD_IAAD
    disk.advance(MILLISECOND)
    assert not disk.get(r.USBCMD) & r.CMD_IAAD
    assert disk.take() == r.STS_IAA


# ---------------------------------------------------------------------- periodic lists


def test_an_interrupt_queue_gets_what_its_device_has():
    rig = EhciRig(",,tablet", companion=False)
    tablet = rig.hc.device_at(PORT)
    rig.take_ports()
    tablet.speed = Speed.HIGH  # no device of ours with an interrupt endpoint is that fast
    rig.put_port(r.PORT_PP | r.PORT_RESET)
    rig.put_port(r.PORT_PP)
    tablet.setup(bytes([0, 9, 1, 0, 0, 0, 0, 0]))
    tablet.data_in(0, 0)
    qh = rig.queue_head(1, 0, 1, 8, masks=1)
    rig.store(LIST, *[qh | r.TYPE_QH << 1, END, END, END] * (r.FRAMES // 4))
    qtd = rig.descriptor(r.PID_IN, BUFFERS, 8)
    rig.append(qh, qtd)
    rig.op(r.USBCMD, r.CMD_RUN | r.CMD_PSE)
    rig.advance(500 * MILLISECOND)
    assert rig.token(qtd) & r.QTD_ACTIVE
    tablet.put_position(100, 200, 0, 0, 0)
    rig.advance(6 * MILLISECOND)
    assert not rig.token(qtd) & (r.QTD_ACTIVE | FAILED)
    assert rig.token(qtd) >> 16 & 0x7FFF == 0
    assert rig.take() & r.STS_INT


def test_isochronous_descriptors_that_nobody_answers_end_with_an_error_in_their_frame(rig):
    itd, sitd = QTDS, QTDS + 0x80
    rig.store(itd, sitd | r.TYPE_SITD << 1, *[0] * 7, r.ITD_ACTIVE | r.ITD_IOC | 64 << 16)
    rig.store(itd + 36, 77, r.ITD_IN | 64)
    rig.store(sitd, END, 0, 0, r.SITD_ACTIVE | r.SITD_IOC)
    index = rig.get(r.FRINDEX) // 8
    rig.store(LIST + 4 * (index + 50), itd | r.TYPE_ITD << 1)
    rig.op(r.USBCMD, r.CMD_RUN | r.CMD_PSE)
    rig.advance(40 * MILLISECOND)
    assert rig.words(itd + 32, 1)[0] & r.ITD_ACTIVE
    rig.advance(200 * MILLISECOND)
    assert rig.words(itd + 32, 1) == (r.ITD_ERROR | r.ITD_IOC,)
    assert rig.words(sitd + 12, 1) == (r.SITD_ERROR | r.SITD_IOC,)
    assert rig.take() == r.STS_INT | r.STS_ERROR


# ---------------------------------------------------------------------- power, hand-over


def test_the_os_takes_the_semaphore_that_the_bios_does_not_hold(rig):
    place = rig.hc.read_register(r.HCCPARAMS, 4) >> 8 & 0xFF
    assert rig.hc.config_read(place, 4) == 1
    rig.hc.config_write(place + 3, 1, 1)
    assert rig.hc.config_read(place, 4) == 1 | 1 << 24


def test_a_suspended_port_is_resumed_by_the_guest_or_by_its_device(disk):
    disk.put_port(r.PORT_PP | r.PORT_PED | r.PORT_SUSPEND)
    assert disk.port() & r.PORT_SUSPEND
    disk.put_port(r.PORT_PP | r.PORT_PED | r.PORT_FPR)
    assert disk.port() & (r.PORT_SUSPEND | r.PORT_FPR) == r.PORT_SUSPEND | r.PORT_FPR
    disk.put_port(r.PORT_PP | r.PORT_PED)
    assert not disk.port() & (r.PORT_SUSPEND | r.PORT_FPR)
    device = disk_of(disk)
    disk.put_port(r.PORT_PP | r.PORT_PED | r.PORT_SUSPEND)
    device.ready()
    assert not disk.port() & r.PORT_FPR
    device.state.remote_wakeup = True
    disk.take()
    device.ready()
    assert disk.port() & (r.PORT_SUSPEND | r.PORT_FPR) == r.PORT_SUSPEND | r.PORT_FPR
    assert disk.take() & r.STS_PCD


def test_a_device_that_is_pulled_out_is_no_error_of_its_port(disk):
    disk.hc.unplug(PORT)
    assert disk.port() == r.PORT_PP | r.PORT_CSC
    disk.put_port(r.PORT_PP | r.PORT_CSC)
    assert disk.port() == r.PORT_PP


# ---------------------------------------------------------------------- time, resets, states


def test_the_frame_index_follows_time(rig):
    rig.advance(10 * MILLISECOND)
    assert rig.get(r.FRINDEX) == 80
    rig.op(r.FRINDEX, 5)
    assert rig.get(r.FRINDEX) == 80  # not while it runs
    rig.op(r.USBCMD, 0)
    assert rig.get(r.USBSTS) & r.STS_HALTED
    rig.op(r.FRINDEX, 0x1FF0)
    rig.op(r.USBINTR, r.STS_FLR)
    rig.op(r.USBCMD, r.CMD_RUN)
    rig.advance(MILLISECOND)
    assert not rig.hc.intx.level
    rig.advance(MILLISECOND)
    assert rig.hc.intx.level
    assert rig.take() & r.STS_FLR
    rig.advance(900 * MILLISECOND)
    assert not rig.hc.intx.level


def test_nothing_runs_without_schedules(disk):
    disk.op(r.USBCMD, r.CMD_RUN)
    assert disk.hc.visit.deadline is None
    qh = disk.queue_head(1, 5, BULK_IN, 512)
    visits = []
    run = disk.hc._run
    disk.hc._run = lambda: (visits.append(disk.clock), run())
    disk.run_circle(qh, 1000 * MILLISECOND)
    assert len(visits) < 190


def test_resets(disk):
    disk.hc.reset(ResetKind.SOFT)
    assert disk.get(r.CONFIGFLAG)
    disk.op(r.USBCMD, r.CMD_RESET)
    assert not disk.get(r.USBCMD) & (r.CMD_RESET | r.CMD_RUN)
    assert disk.get(r.USBSTS) == r.STS_HALTED
    assert disk.port() == r.PORT_PP | r.PORT_OWNER
    assert companion_port(disk) & ohci.PORT_CCS
    disk.set.reset(ResetKind.HARD)
    assert companion_port(disk) & ohci.PORT_CCS


def test_a_pending_transfer_and_its_device_survive_saving(disk):
    out, into = disk.queue_head(1, 5, BULK_OUT, 512), disk.queue_head(2, 5, BULK_IN, 512)
    disk.store(out, into | r.TYPE_QH << 1)
    disk.store(into, out | r.TYPE_QH << 1)
    disk.memory.write(BUFFERS, read_command(1, 4))
    disk.append(out, disk.descriptor(r.PID_OUT, BUFFERS, 31))
    disk.run_circle(out)
    again = saved(disk)
    assert disk_of(again).address == 5
    assert again.ohci.hub.at(PORT) is None
    qtd = again.descriptor(r.PID_IN, BUFFERS + 0x2000, 2048)
    again.append(into, qtd)
    again.advance(10 * MILLISECOND)
    assert not again.token(qtd) & (r.QTD_ACTIVE | FAILED)
    assert again.memory.read(BUFFERS + 0x2000, 2048) == bytes(again.medium.data[512:2560])


def test_a_borrowed_device_survives_saving_at_the_companion(rig):
    rig.ohci.write_register(ohci.HC_RH_PORT_STATUS + 4 * PORT, ohci.SET_PORT_RESET, 4)
    disk_of(rig).state.address = 9
    before = companion_port(rig)
    again = saved(rig)
    assert companion_port(again) == before
    assert again.ohci.hub.at(PORT) is disk_of(again)
    assert disk_of(again).address == 9
    assert again.hc.hub.at(PORT) is None


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_hostile_memory_and_registers_do_no_harm(data):
    rig = EhciRig()
    rig.enumerate()
    words = st.one_of(
        st.sampled_from([QHS, QHS + 2, QTDS, LIST, BUFFERS | 2, 0xFFFF_FFE0, 0x50_0080, 0xA085]),
        st.integers(0, 0xFFFF_FFFF),
    )
    for base in (QHS, QHS + 0x40, QTDS, LIST):
        rig.store(base, *data.draw(st.lists(words, min_size=32, max_size=32)))
    write_anything(data, rig, rig.op, 0x78, words)
