"""The web service: the Main API as REST, and a page with machines and their consoles.

``vitrine-web`` is a client of the Main API like every other. It needs the extra ``web`` (starlette,
uvicorn, websockets). :mod:`app.web.application` puts the parts together, docs/web.md tells how it
is used and what it refuses.

Threading: everything runs on one asyncio loop. Calls of the API are answered on the reader thread
of a session's client and handed over to the loop (:mod:`app.web.calls`).
"""
