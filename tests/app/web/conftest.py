"""A web service on top of a service in this process."""

from __future__ import annotations

import pytest

pytest.importorskip("starlette", reason="the extra 'web' is not installed")

from starlette.testclient import TestClient

from app.web import users as users_module
from app.web.application import WebConfig, web_application
from app.web.users import UserFile, _Cost
from tests.app.service.fixtures import client, home, make_machine, service, vm_processes  # noqa: F401

USER, PASSWORD = "anna", "correct horse"


@pytest.fixture
def cheap_hashes(monkeypatch):
    """Hashes that take no time."""
    cheap = _Cost(n=16)
    monkeypatch.setattr(users_module, "_Cost", lambda *values: _Cost(*values) if values else cheap)


@pytest.fixture
def users(tmp_path, cheap_hashes):
    file = UserFile(tmp_path / "web" / "users")
    file.add(USER, PASSWORD)
    return file


@pytest.fixture
def make_web(users, service):  # noqa: F811
    """Make test clients of web services with these options."""
    running = []

    def make(**options):
        application = web_application(WebConfig(users=users.path, **options))
        web = TestClient(application, base_url="http://localhost")
        web.__enter__()
        running.append(web)
        return web

    yield make
    for web in running:
        web.__exit__(None, None, None)


@pytest.fixture
def web(make_web):
    """A test client that has not logged on."""
    return make_web(rate=0)


def log_on(web):
    answer = web.post("/api/v1/logon", json={"user": USER, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    web.headers["Authorization"] = f"Bearer {answer.json()['token']}"
    return answer.json()["token"]


@pytest.fixture
def user(web):
    """A test client that has logged on."""
    log_on(web)
    return web
