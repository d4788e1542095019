"""Logon, methods of the Main API, operations, the OpenAPI document."""

from __future__ import annotations

import time

import pytest

from app.web.exposure import exposed_methods
from tests.app.web.conftest import PASSWORD, USER, log_on

API = "/api/v1"


def test_methods_need_a_token(web):
    for path in ("virtualbox/list_machines", "session", "events", "operations", "operations/x"):
        answer = web.get(f"{API}/{path}")
        assert answer.status_code == 401, path
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("token", ["", "x", "Bearer", "Bearer ", "Bearer x", "Basic x", "Bearer \xff", "bearer " + "a" * 9000])
def test_forged_tokens_open_nothing(user, token):
    answer = user.get(f"{API}/session", headers={"Authorization": token.encode("latin-1")})
    assert answer.status_code == 401


def test_logon_and_logoff(user):
    assert user.get(f"{API}/session").json() == {"user": USER, "timeout": 300.0}
    assert user.post(f"{API}/logoff").status_code == 204
    assert user.get(f"{API}/session").status_code == 401


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"user":1,"password":"x"}', b'{"user":"x"}', b"\xff", b"[" * 5000, b'{"user":"a","password":"b","more":1}'])
def test_what_is_no_logon(web, body):
    answer = web.post(f"{API}/logon", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400


def test_wrong_passwords_are_slowed_down(web):
    for _ in range(5):
        assert web.post(f"{API}/logon", json={"user": USER, "password": "wrong"}).status_code == 401
    answer = web.post(f"{API}/logon", json={"user": USER, "password": PASSWORD})
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) >= 1


def test_sessions_expire(make_web):
    web = make_web(timeout=0.3, check_interval=0.05, rate=0)
    log_on(web)
    assert web.get(f"{API}/session").status_code == 200
    time.sleep(0.5)
    assert web.get(f"{API}/session").status_code == 401


def test_there_are_so_many_sessions_only(make_web):
    web = make_web(max_sessions=1, rate=0)
    log_on(web)
    assert web.post(f"{API}/logon", json={"user": USER, "password": PASSWORD}).status_code == 503


def test_machines_with_get_and_post(user, client, make_machine):
    machine = make_machine(client, "Bär")
    for answer in (user.get(f"{API}/virtualbox/list_machines"), user.post(f"{API}/virtualbox/list_machines")):
        assert [m["name"] for m in answer.json()] == ["Bär"]
    found = user.get(f"{API}/virtualbox/find_machine", params={"name_or_id": "Bär"})
    assert found.json()["id"] == machine.id
    settings = user.get(f"{API}/machine/get_settings", params={"id": machine.id}).json()
    changed = {**settings, "description": "new"}
    answer = user.post(f"{API}/machine/save_settings", json={"id": machine.id, "settings": changed, "base": settings})
    assert (answer.status_code, answer.json()) == (200, None)
    assert client.machine(machine.id).get_settings().description == "new"


def test_errors_are_problems(user):
    answer = user.get(f"{API}/virtualbox/find_machine", params={"name_or_id": "nobody"})
    problem = answer.json()
    assert answer.status_code == problem["status"] == 404
    assert problem["code"] == "VBOX_E_OBJECT_NOT_FOUND"
    assert problem["number"] == 0x80BB0001
    assert "nobody" in problem["detail"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("virtualbox/nothing", 404), ("session/attach_vm", 404), ("console/begin_merge", 404),
        ("__class__/x", 404), ("virtualbox/__init__", 404), ("machine/launch", 405),
        ("virtualbox/find_machine", 400), ("virtualbox/find_machine?name_or_id=a&name_or_id=b", 400),
        ("virtualbox/list_machines?more=1", 400), ("virtualbox/../../etc/passwd", 404),
    ],
)  # fmt: skip
def test_what_there_is_not(user, path, status):
    assert user.get(f"{API}/{path}").status_code == status


@pytest.mark.parametrize("path", ["/../users.py", "/%2e%2e/users.py", "/..%2fusers.py", "//etc/passwd", "/pages/../../main.py", "/%00", "/\\..\\users.py"])
def test_paths_do_not_leave_the_pages(web, path):
    answer = web.get(path)
    assert answer.status_code == 404
    assert "scrypt" not in answer.text


def test_huge_bodies_are_refused(user):
    answer = user.post(f"{API}/virtualbox/list_machines", content=b" " * (2 << 20), headers={"Content-Type": "application/json"})
    assert answer.status_code == 413

    def parts():
        for _ in range(40):
            yield b" " * 65536

    answer = user.post(f"{API}/virtualbox/list_machines", content=parts(), headers={"Content-Type": "application/json"})
    assert answer.status_code == 413


def test_only_json_is_taken(user):
    answer = user.post(f"{API}/virtualbox/list_machines", content="a=1", headers={"Content-Type": "text/plain"})
    assert answer.status_code == 415


def test_foreign_pages_get_nothing(user):
    assert user.get(f"{API}/session", headers={"Origin": "http://evil.example"}).status_code == 403
    assert user.get(f"{API}/session", headers={"Origin": "null"}).status_code == 403
    assert user.get(f"{API}/session", headers={"Host": "evil.example"}).status_code == 421
    assert user.get(f"{API}/session", headers={"Origin": "http://localhost"}).status_code == 200


def test_too_many_requests(make_web):
    web = make_web(rate=1, burst=3)
    statuses = [web.get("/").status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 429, 429]


def test_every_response_has_the_headers(web):
    for path in ("/", f"{API}/session", "/nothing"):
        headers = web.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"


def _wait(user, operation):
    deadline = time.monotonic() + 20
    while not (info := user.get(f"{API}/operations/{operation}").json())["completed"]:
        assert time.monotonic() < deadline, info
        time.sleep(0.05)
    return info


@pytest.mark.parametrize("number", ["2", "2.0", "2e0"])
def test_numbers_are_what_json_says(user, client, make_machine, number):
    machine = make_machine(client)
    body = f'{{"id": "{machine.id}", "index": {number}}}'
    answer = user.post(f"{API}/machine/query_log_filename", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()) == (200, "")


@pytest.mark.parametrize("number", [1 << 64, -(1 << 63) - 1, 1 << 80])
def test_numbers_that_no_message_can_hold(user, number):
    params = {"id": "nobody", "screen": number}
    for answer in (user.post(f"{API}/console/screenshot", json=params), user.get(f"{API}/console/screenshot", params=params)):
        assert answer.status_code == 400
        assert "64 bits" in answer.json()["detail"]


def test_a_position_beyond_all_is_the_last_one(user):
    empty = dict.fromkeys(("vendor_id", "product_id", "revision", "manufacturer", "product", "serial_number", "port", "remote"), "")
    for name in ("first", "last"):
        answer = user.post(f"{API}/host/insert_usb_device_filter", json={"position": 2**64 - 1, "filter": {"name": name, **empty}})
        assert answer.status_code == 200, answer.text
    assert [it["name"] for it in user.get(f"{API}/host/list_usb_device_filters").json()] == ["first", "last"]


def test_wrong_methods_are_told_the_right_ones(user):
    for path, allowed in (("machine/launch", "POST"), ("console/screenshot", "GET, HEAD, POST"), ("logon", "POST"), ("session", "GET, HEAD")):
        answer = user.request("PATCH", f"{API}/{path}", json={})
        assert answer.status_code == 405
        assert set(answer.headers["allow"].split(", ")) == set(allowed.split(", "))


def test_long_operations(user, client, make_machine, vm_processes):
    machine = make_machine(client)
    answer = user.post(f"{API}/machine/launch", json={"id": machine.id, "frontend": "headless"}, headers={"Prefer": "respond-async"})
    assert answer.status_code == 202
    operation = answer.json()["id"]
    assert answer.headers["location"] == f"{API}/operations/{operation}"
    info = _wait(user, operation)
    assert (info["problem"], info["percent"]) == (None, 100)
    shown = user.get(f"{API}/machines/{machine.id}/picture")
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/png")
    picture = user.get(f"{API}/console/screenshot", params={"id": machine.id}, headers={"Accept": "image/png"})
    assert picture.headers["content-type"] == "image/png"
    assert picture.content.startswith(b"\x89PNG")
    assert user.post(f"{API}/console/power_off", json={"id": machine.id}).status_code == 200
    assert user.delete(f"{API}/operations/{operation}").status_code == 204
    assert user.get(f"{API}/operations").json() == []
    bad = user.post(f"{API}/machine/launch", json={"id": "nobody"}, headers={"Prefer": "respond-async"})
    assert _wait(user, bad.json()["id"])["problem"]["code"] == "VBOX_E_OBJECT_NOT_FOUND"


def test_a_machine_that_shows_nothing_is_no_error(user, client, make_machine, monkeypatch):
    machine = make_machine(client)
    path = f"{API}/machines/{machine.id}/picture"
    assert (user.get(path).status_code, user.get(path).content) == (204, b"")
    assert user.get(f"{API}/machines/nobody/picture").status_code == 404
    # As if it ended between the two questions.
    monkeypatch.setattr(type(machine.state), "is_online", True)
    assert user.get(path).status_code == 204


def test_locks_end_with_their_session(user, client, make_machine):
    machine = make_machine(client)
    assert user.post(f"{API}/machine/lock", json={"id": machine.id}).status_code == 200
    assert client.virtualbox.find_machine(machine.id).session_state == "Locked"
    user.post(f"{API}/logoff")
    deadline = time.monotonic() + 10
    while client.virtualbox.find_machine(machine.id).session_state != "Unlocked":
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _references(value):
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"]
        for item in value.values():
            yield from _references(item)
    elif isinstance(value, list):
        for item in value:
            yield from _references(item)


def test_the_document_describes_every_method(web):
    document = web.get(f"{API}/openapi.json").json()
    assert document["openapi"] == "3.1.0"
    for name in exposed_methods():
        assert "post" in document["paths"][f"{API}/{name.replace('.', '/')}"]
    assert "get" not in document["paths"][f"{API}/machine/launch"]
    schemas = document["components"]["schemas"]
    missing = {r for r in _references(document) if r.removeprefix("#/components/schemas/") not in schemas}
    assert missing == set()
    ids = [o["operationId"] for p in document["paths"].values() for o in p.values() if "operationId" in o]
    assert len(ids) == len(set(ids))
