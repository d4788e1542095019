"""Options, the file of users, and limits."""

from __future__ import annotations

import io
import logging
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import urllib.request

import pytest

from app.api import ApiError
from app.web import main as program
from app.web.limits import FREE_ATTEMPTS, LogonLimit, RequestLimit, peer_key
from app.web.logfile import AgedLogFile
from app.web.main import EXIT_FAILED, EXIT_OK, EXIT_SYNTAX, main
from app.web.options import parser
from tests.app.service.fixtures import home  # noqa: F401
from tests.app.service.support import ROOT, wait_until


def test_users_come_and_go(users):
    users.add("bert", "other password")
    assert users.names() == ["anna", "bert"]
    assert users.check("bert", "other password")
    assert not users.check("bert", "correct horse")
    assert not users.check("nobody", "correct horse")
    assert not users.check("anna", "x" * 5000)
    users.remove("anna")
    assert not users.check("anna", "correct horse")
    assert stat.S_IMODE(users.path.stat().st_mode) == 0o600
    assert "other password" not in users.path.read_text()


@pytest.mark.parametrize(("name", "password"), [("", "long enough"), ("a:b", "long enough"), ("a\nb", "long enough"), ("a", "short"), ("a", "x" * 2000)])
def test_bad_users_are_refused(users, name, password):
    before = users.path.read_bytes()
    with pytest.raises(ApiError):
        users.add(name, password)
    assert users.path.read_bytes() == before


@pytest.mark.parametrize("line", ["nonsense", "a:scrypt:1:2", "a:md5:2:8:1:AA==:AA==", "a:scrypt:99999999:8:1:AA==:AA==", "a:scrypt:x:8:1:AA==:AA=="])
def test_a_damaged_file_lets_nobody_in(users, line):
    users.path.write_text(users.path.read_text() + line + "\n")
    with pytest.raises(ApiError, match="line 2"):
        users.check("anna", "correct horse")


def test_users_are_changed_with_options(tmp_path, cheap_hashes, monkeypatch, capsys):
    file = ["--users", str(tmp_path / "users")]
    monkeypatch.setattr("sys.stdin", io.StringIO("long enough\n"))
    assert main([*file, "--add-user", "anna"]) == EXIT_OK
    assert main([*file, "--list-users"]) == EXIT_OK
    assert capsys.readouterr().out == "anna\n"
    assert main([*file, "--remove-user", "anna"]) == EXIT_OK
    assert main([*file, "--remove-user", "anna"]) == EXIT_FAILED
    assert "no user named 'anna'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ([], "Nobody could log on"),
        (["--host", "0.0.0.0"], "unencrypted"),
        (["--host", "::"], "unencrypted"),
        (["--host", "192.168.1.1"], "unencrypted"),
        (["--host", "example.org"], "unencrypted"),
        (["--ssl"], "--keyfile"),
        (["--ssl", "--keyfile", "/nothing"], "cannot be read"),
        (["--port", "70000"], "no port"),
        (["--timeout", "nan"], "no number"),
        (["--authentication", "null"], "users are always checked"),
        (["--capath", "/"], "with --ssl only"),
        (["--ssl", "--keyfile", "/dev/null", "--capath", "/dev/null"], "is no folder"),
    ],
)
def test_what_would_be_unsafe_is_refused(tmp_path, capsys, options, sentence):
    assert main(["--users", str(tmp_path / "users"), *options]) == EXIT_SYNTAX
    assert sentence in capsys.readouterr().err


def test_connections_do_not_collect_small_packets():
    with program._listen(parser().parse_args(["--port", "0"])) as listener:
        # asyncio sets TCP_NODELAY for such sockets only.
        assert listener.proto == socket.IPPROTO_TCP


def test_a_log_becomes_an_old_one_by_its_length_and_its_age(tmp_path):
    log = AgedLogFile(tmp_path / "log", size=60, count=5, seconds=60)
    for created, text in ((0, "first"), (59, "young"), (60, "old"), (119, "x" * 56), (120, "z")):
        record = logging.makeLogRecord({"msg": text, "created": created})
        log.emit(record)
    log.close()
    assert stat.S_IMODE((tmp_path / "log").stat().st_mode) == 0o600
    assert [(tmp_path / name).read_text().split()[0] for name in ("log.2", "log.1", "log")] == ["first", "old", "x" * 56]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_it_serves_in_the_background_until_a_signal(home, users, tmp_path):  # noqa: F811
    pid_file = tmp_path / "pid"
    command = [sys.executable, "-m", "app.web", "--background", "--port", "0", "--keepalive", "9",
               "--users", str(users.path), "--pidfile", str(pid_file)]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    number = int(pid_file.read_text())
    try:
        assert "warning: --keepalive has no effect" in done.stderr
        address = re.search(r"http://\S+", done.stderr)[0]
        with urllib.request.urlopen(address, timeout=60) as answer:
            assert answer.status == 200
    finally:
        os.kill(number, signal.SIGTERM)
    wait_until(lambda: not pid_file.exists(), 60)
    assert "Finished server process" in (home / "vitrine-web.log").read_text()


def test_wrong_passwords_cost_more_and_more():
    now = 0.0
    limit = LogonLimit(lambda: now)
    waits = []
    for _ in range(FREE_ATTEMPTS + 3):
        limit.begin("10.0.0.1")
        waits.append(limit.wait_seconds("10.0.0.1"))
    assert waits == [0.0] * (FREE_ATTEMPTS - 1) + [1.0, 2.0, 4.0, 8.0]
    assert limit.wait_seconds("10.0.0.2") == 0
    now = 8.0
    assert limit.wait_seconds("10.0.0.1") == 0
    limit.succeeded("10.0.0.1")
    limit.begin("10.0.0.1")
    assert limit.wait_seconds("10.0.0.1") == 0


def test_requests_come_back_with_time():
    now = 0.0
    limit = RequestLimit(2, 3, lambda: now)
    assert [limit.take("a") for _ in range(4)] == [0, 0, 0, 0.5]
    now = 0.5
    assert [limit.take("a"), limit.take("a")] == [0, 0.5]


@pytest.mark.parametrize(("host", "key"), [("10.0.0.1", "10.0.0.1"), ("::ffff:10.0.0.1", "10.0.0.1"), ("2001:db8::1:2", "2001:db8::/64"), ("testclient", "testclient")])
def test_peers(host, key):
    assert peer_key(host) == key
