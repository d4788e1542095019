"""What the benchmarks are built from; nothing here depends on how fast the host is."""

import shutil
import sys

import pytest

from bench import kvm, report
from bench.__main__ import benchmarks, main
from bench.machine import guest, qemu_command, vitrine_command
from bench.operations import LOOPS
from bench.report import Report, Result, alternate, assembled, spread


def python(program):
    return [sys.executable, "-u", "-c", program]


def test_the_benchmarks_are_found_by_their_main_function():
    assert {"cpu", "idle", "linux_boot", "manager_start", "operations", "post", "vga_render",
            "window_overhead"} <= set(benchmarks())
    assert not {"machine", "report", "desktop"} & set(benchmarks())


def test_a_host_without_kvm_measures_nothing_and_says_why(monkeypatch, capsys):
    monkeypatch.setattr(kvm, "unsuitable", lambda: "this host interprets guest code")
    assert kvm.main() == 0
    assert "not measured: KVM: this host interprets guest code" in capsys.readouterr().err


def test_both_sides_of_the_kvm_benchmark_ask_for_kvm():
    ours = vitrine_command(output="e9", engine=kvm.ENGINE)
    theirs = qemu_command(output="e9", accelerator=kvm.ACCELERATOR)
    assert ours[-2:] == ["--engine", "KVM"]
    assert theirs[1:3] == ["-accel", "kvm"]


def test_an_unknown_benchmark_is_named(capsys):
    assert main(["cpu", "gpu"]) == 2
    assert "there is no gpu; there are cli, cpu, " in capsys.readouterr().err


def test_pairs_are_measured_in_turn():
    calls = []

    def side(name):
        calls.append(name)
        return len(calls)

    pairs = alternate(3, lambda: side("ours"), lambda: side("other"))
    assert calls == ["ours", "other", "other", "ours", "ours", "other"]
    assert pairs == [(1, 2), (4, 3), (5, 6)]


def test_the_ratio_is_the_median_of_pairs(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv(report.SUMMARY_VARIABLE, str(tmp_path / "summary"))
    lines = Report()
    lines.compare("boot", [(2.0, 1.0), (3.0, 2.0), (8.0, 1.0)], target=1.6)
    assert lines.code == 1
    assert "2 times" in capsys.readouterr().out
    assert '"value": 2.0' in (tmp_path / "summary").read_text()
    lines = Report()
    lines.add("idle", [1.0], "%", target=5.0)
    lines.add("no target", [1e9], "us")
    assert lines.code == 0


def test_noise_and_verdict():
    assert spread([9.0, 10.0, 12.0]) == pytest.approx(0.15)
    assert Result("x", 1.6, "times", 0, 1.6, "").verdict == "ok"
    assert Result("x", 1.7, "times", 0, 1.6, "").verdict == "OVER"


def test_output_is_found_with_its_time_and_in_order():
    said = "print('AB', flush=True); time.sleep(0.2); print('A', flush=True)"
    with guest(python(f"import time; {said}; time.sleep(60)")) as it:
        first, early = it.wait(b"A", 20)
        second, late = it.wait(b"A", 20, first)
        assert (first, second) == (1, 4)
        assert it.started < early < late
        assert it.text(0, second) == "AB\nA"
        assert it.cpu_seconds() > 0


def test_what_does_not_come_is_told_with_what_has_come():
    ended = pytest.raises(TimeoutError, match=r"'DONE', the machine has ended: .*Kernel panic")
    with guest(python("print('Kernel panic')")) as it, ended:
        it.wait(b"DONE", 20)
    late = pytest.raises(TimeoutError, match="0 s are over")
    with guest(python("import time; time.sleep(60)")) as it, late:
        it.wait(b"DONE", 0.1)


@pytest.mark.skipif(not shutil.which("nasm"), reason="nasm is not installed")
@pytest.mark.parametrize("name", ["post", "operations"])
def test_the_boot_programs_are_floppies(name):
    with assembled(name) as image:
        data = image.read_bytes()
    assert len(data) == 1440 * 1024
    assert data[510:512] == b"\x55\xaa"


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("nasm"), reason="nasm is not installed")
def test_every_operation_is_measured(firmware):
    """The loops run through on the engine and say their letters in the order of the table."""
    del firmware
    from bench.machine import vitrine_command

    with assembled("operations") as image, guest(vitrine_command(output="e9", floppy=image)) as it:
        at, _ = it.wait(b"B", 120)
        end, _ = it.wait(b"E", 240, at)
        assert it.text(at, end).encode() == b"".join(LOOPS) + b"E"
