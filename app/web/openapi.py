"""The OpenAPI 3.1 document of the web service, made from the schema of the Main API."""

from __future__ import annotations

import functools
import inspect
from typing import Any, Final

import msgspec

from app.api.schema import Method
from app.decoding import describe
from app.version import version
from app.web import bodies
from app.web.calls import OperationInfo
from app.web.exposure import LARGEST_INTEGER, LEAST_INTEGER, exposed_methods, is_reader
from app.web.problems import MEDIA_TYPE, Problem

PREFIX: Final = "/api/v1"
_REFERENCE: Final = "#/components/schemas/{name}"
_PROBLEM: Final = {
    "description": "The request failed; the problem tells the result code and why.",
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


@functools.cache
def openapi_document() -> bytes:
    """The document as JSON."""
    return msgspec.json.encode(_document())


def _document() -> dict[str, Any]:
    methods = list(exposed_methods().values())
    own = [Problem, OperationInfo, list[OperationInfo], *bodies.TYPES]
    kinds = [*own, *(kind for m in methods for kind in (m.params_type, m.result_type))]
    for kind in kinds:
        describe(kind)
    schemas, components = msgspec.json.schema_components(kinds, ref_template=_REFERENCE)
    _bound_integers(components)
    of_own = dict(zip(map(str, own), schemas, strict=False))
    rest = iter(schemas[len(own) :])
    paths: dict[str, Any] = dict(_own_paths(of_own))
    for method in methods:
        params, result = next(rest), next(rest)
        paths[f"{PREFIX}/{method.name.replace('.', '/')}"] = _path_item(
            method, params, result, components
        )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Vitrine web service",
            "version": version(),
            "description": "The Main API by HTTP. Binary data is Base64 within JSON.",
        },
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"token": []}],
    }


def _bound_integers(schema: Any) -> None:
    """Tell of integers without declared limits which ones messages can hold."""
    if isinstance(schema, list):
        for item in schema:
            _bound_integers(item)
    elif isinstance(schema, dict):
        if schema.get("type") == "integer":
            schema.setdefault("minimum", LEAST_INTEGER)
            schema.setdefault("maximum", LARGEST_INTEGER)
        for item in schema.values():
            _bound_integers(item)


def _path_item(
    method: Method, params: dict[str, Any], result: dict[str, Any], components: dict[str, Any]
) -> dict[str, Any]:
    summary, _, description = (inspect.getdoc(method.function) or "").partition("\n")
    shared = {
        "tags": [method.name.partition(".")[0]],
        "summary": summary,
        "description": description.strip(),
        "responses": {
            "200": _json("The result.", result),
            "202": _json("With 'Prefer: respond-async': the operation.", _ref("OperationInfo")),
            "default": _PROBLEM,
        },
    }
    required = any(p.default is inspect.Parameter.empty for p in method.parameters.values())
    item: dict[str, Any] = {
        "post": {
            **shared,
            "operationId": method.name.replace(".", "_"),
            "requestBody": {
                "required": required, "content": {"application/json": {"schema": params}}
            },
        }
    }  # fmt: skip
    if is_reader(method):
        properties = components[params["$ref"].rpartition("/")[2]]["properties"]
        item["get"] = {
            **shared,
            "operationId": f"get_{method.name.replace('.', '_')}",
            "parameters": [
                {
                    "name": name,
                    "in": "query",
                    "required": parameter.default is inspect.Parameter.empty,
                    "schema": properties[name],
                }
                for name, parameter in method.parameters.items()
            ],
        }
    return item


def _own_paths(of_own: dict[str, Any]) -> dict[str, Any]:
    """Paths that are no methods of the Main API."""

    def operation(summary: str, responses: dict[str, Any], **more: Any) -> dict[str, Any]:
        return {"summary": summary, "responses": {**responses, "default": _PROBLEM}, **more}

    nothing = {"204": {"description": "Done."}}
    by_id = {
        "parameters": [
            {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
        ]
    }
    logon = {"content": {"application/json": {"schema": of_own[str(bodies.Logon)]}}}
    listed = _json("All operations of the session.", of_own[str(list[OperationInfo])])
    one = _json("How far it is.", _ref("OperationInfo"))
    nothing_to_see = {"description": "It shows nothing now: it is off, starting or ending."}
    picture = {"description": "As PNG.", "content": {"image/png": {}}}
    stream = {"description": "Server-sent events.", "content": {"text/event-stream": {}}}
    return {
        f"{PREFIX}/logon": {
            "post": operation(
                "Log on with a password.", {"200": _json("A session.", _ref("LoggedOn"))},
                requestBody={"required": True, **logon}, security=[],
            )
        },
        f"{PREFIX}/logoff": {"post": operation("End the session.", nothing)},
        f"{PREFIX}/session": {
            "get": operation("The session.", {"200": _json("About it.", _ref("SessionInfo"))})
        },
        f"{PREFIX}/events": {"get": operation("Events of the Main API.", {"200": stream})},
        f"{PREFIX}/operations": {"get": operation("Long operations.", {"200": listed})},
        f"{PREFIX}/operations/{{id}}": {
            "get": operation("One long operation.", {"200": one}, **by_id),
            "delete": operation("Cancel it, or forget it when it is over.", nothing, **by_id),
        },
        f"{PREFIX}/machines/{{id}}/picture": {
            "get": operation(
                "The screen of a machine, or that of its saved state.",
                {"200": picture, "204": nothing_to_see}, **by_id,
            )
        },
    }  # fmt: skip


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _json(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}
