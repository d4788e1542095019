"""Rotation and form of the release log."""

import logging
import re

import pytest

from app.console.releaselog import ReleaseLog, rotate

PREFIX = re.compile(r"\d\d:\d\d:\d\d\.\d{6} ")


@pytest.fixture
def log(tmp_path):
    log = ReleaseLog(tmp_path)
    log.attach()
    yield log
    log.close()


def rows(log):
    return log.path.read_text(encoding="utf-8").splitlines()


def test_every_line_has_the_time(log):
    log.line("one\ntwo")
    log.section("CFGM dump", "[/] (level 0)")
    lines = rows(log)
    assert all(PREFIX.match(line) for line in lines)
    assert re.search(r"Vitrine VM \S+ \S+\.\S+ \(.*\) release log", lines[0])
    assert re.search(r"Log opened \d{4}-\d\d-\d\dT[\d:.]+Z", lines[1])
    assert any("Process ID: " in line for line in lines)
    assert lines[-1].endswith("*" * 70)


def test_rotation_keeps_three(tmp_path):
    for number in range(6):
        rotate(tmp_path, 3)
        (tmp_path / "VBox.log").write_text(str(number))
    found = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert found == {"VBox.log": "5", "VBox.log.1": "4", "VBox.log.2": "3", "VBox.log.3": "2"}


def test_rotation_without_history(tmp_path):
    (tmp_path / "VBox.log").write_text("old")
    rotate(tmp_path, 0)
    assert list(tmp_path.iterdir()) == []


def test_loggers_of_the_program_are_kept(log):
    logging.getLogger("engine.vm").info("Changing the VM state")
    logging.getLogger("engine.pdm").warning("It smells")
    try:
        int("bad")
    except ValueError:
        logging.getLogger("app.test").exception("It broke")
    text = "\n".join(rows(log))
    assert "engine.vm: Changing the VM state" in text
    assert "engine.pdm: warning: It smells" in text
    assert "ValueError: invalid literal" in text
    assert "asyncio" not in text


def test_a_talkative_guest_does_not_fill_the_disk(tmp_path):
    log = ReleaseLog(tmp_path)
    log.attach()
    guest = logging.getLogger("guest.vga/0")
    for number in range(2500):
        guest.warning("write %d to a read-only register", number)
    log.close()
    lines = rows(log)
    assert sum("read-only register" in line for line in lines) == 2000
    assert "500 more lines were not kept" in lines[-1]


def test_nothing_is_written_after_close(log):
    log.close()
    log.line("late")
    logging.getLogger("engine").info("late")
    assert not any("late" in line for line in rows(log))


def test_levels_are_as_before_when_the_log_is_closed(tmp_path):
    names = ("app", "engine", "guest", "engine.em")
    before = [logging.getLogger(name).level for name in names]
    log = ReleaseLog(tmp_path)
    log.attach()
    log.change_groups("guest.e.l2 em.e.l2 -app")
    assert [logging.getLogger(name).level for name in names] != before
    log.close()
    assert [logging.getLogger(name).level for name in names] == before
