"""The service does what its OpenAPI document says, as far as that is quick to see.

Methods that change something get malformed requests only: those never reach the Main API.
"""

from __future__ import annotations

import msgspec
import pytest

from app.web.exposure import exposed_methods, is_reader
from app.web.problems import Problem

API = "/api/v1"
METHODS = list(exposed_methods().values())


def _required(method):
    return [p.name for p in method.parameters.values() if p.default is p.empty]


@pytest.fixture
def document(web):
    return web.get(f"{API}/openapi.json").json()


def _check(document, path, verb, answer):
    """The answer is one of those that the document has."""
    documented = document["paths"][path][verb]["responses"]
    response = documented.get(str(answer.status_code), documented["default"])
    assert answer.headers["content-type"] in response["content"], (path, answer.text)
    assert answer.status_code < 500, (path, answer.text)
    if answer.status_code >= 400:
        problem = msgspec.json.decode(answer.content, type=Problem)
        assert problem.status == answer.status_code
        assert problem.detail


def test_readers_answer_what_is_documented(user, document):
    readers = [method for method in METHODS if is_reader(method)]
    assert len(readers) > 20
    for method in readers:
        path = f"{API}/{method.name.replace('.', '/')}"
        params = dict.fromkeys(_required(method), "nobody")
        answer = user.get(path, params=params)
        _check(document, path, "get", answer)
        if answer.status_code == 200:
            msgspec.json.decode(answer.content, type=method.result_type)


@pytest.mark.parametrize("kind", ["list", "unknown", "missing", "wide"])
def test_malformed_requests_are_refused(user, document, kind):
    seen = 0
    for method in METHODS:
        path = f"{API}/{method.name.replace('.', '/')}"
        bodies = {"list": [], "unknown": {"?": 1}, "missing": {}, "wide": dict.fromkeys(method.parameter_names, 1 << 64)}
        if (kind == "missing" and not _required(method)) or (kind == "wide" and not method.parameters):
            continue
        answer = user.post(path, json=bodies[kind])
        _check(document, path, "post", answer)
        assert answer.status_code == 400, (path, answer.text)
        seen += 1
    assert seen > 50
