"""TLS of the server: contexts, and a certificate where the settings name none.

The certificate is made by the program ``openssl``: it is on practically every host that has TLS at
all, and the alternative (the library ``cryptography``) would be a dependency of several megabytes
for one file per machine.
"""

from __future__ import annotations

import os
import shutil
import ssl
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from app.api.errors import ApiError, ErrorCode

SELF_SIGNED_NAME: Final = "RemoteDisplay.pem"
_DAYS: Final = 3650
_SECONDS: Final = 20.0
# Elliptic curves only: Python offers finite-field groups for anonymous clients from a file alone.
_ANONYMOUS: Final = "AECDH:@SECLEVEL=0"


def _error(code: ErrorCode, sentence: str) -> ApiError:
    return ApiError(code, sentence, "vrde")


def anonymous_context() -> ssl.SSLContext:
    """Return the context of VeNCrypt's TLS types: encrypted, but nobody proves who they are."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # TLS 1.3 has no anonymous key exchange.
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(_ANONYMOUS)
    return context


def certificate_context(
    certificate: Path, key: Path, authority: Path | None = None
) -> ssl.SSLContext:
    """Return the context of VeNCrypt's X509 types.

    Args:
        certificate: PEM file; those between it and ``authority`` may follow in it.
        key: PEM file.
        authority: PEM file with the certificate of who issued it; clients get it too.

    Raises:
        ApiError: ``VBOX_E_FILE_ERROR``: the files cannot be read, or do not belong together.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # TigerVNC 1.12 waits for ever for what follows a session ticket in the same packet.
    context.num_tickets = 0
    try:
        # An encrypted key would make Python ask at the terminal.
        context.load_cert_chain(certificate, key, password=lambda: b"")
    except (OSError, ssl.SSLError, ValueError) as error:
        raise _error(
            ErrorCode.VBOX_E_FILE_ERROR,
            f"The certificate '{certificate}' of the remote display cannot be used with the key "
            f"'{key}': {error}",
        ) from error
    if authority is not None:
        _add_authority(context, certificate, authority)
    return context


def _add_authority(context: ssl.SSLContext, certificate: Path, authority: Path) -> None:
    """Send the authority's certificate along, after a look whether clients will believe it."""
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False
    # An authority need not be a root: its own issuer may be what clients know.
    client.verify_flags |= ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN
    try:
        for each in (context, client):
            # OpenSSL completes the chain that it sends with what is loaded here.
            each.load_verify_locations(authority)
        _shake_hands(context, client)
    except (OSError, ssl.SSLError) as error:
        raise _error(
            ErrorCode.VBOX_E_FILE_ERROR,
            f"The certificate '{certificate}' of the remote display cannot be used with the CA "
            f"certificate '{authority}': {error}",
        ) from error


def _shake_hands(context: ssl.SSLContext, client_context: ssl.SSLContext) -> None:
    """Connect a client with a server in memory.

    Raises:
        ssl.SSLError: the client does not believe the server.
    """
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_context.wrap_bio(to_client, to_server)
    server = context.wrap_bio(to_server, to_client, server_side=True)
    waiting = [client, server]
    while waiting:
        side = waiting.pop(0)
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            waiting.append(side)


def own_certificate(folder: Path, machine: str) -> Path:
    """Return the machine's self-signed certificate with its key, made now if there is none.

    Raises:
        ApiError: ``VBOX_E_NOT_SUPPORTED``: the program ``openssl`` is missing;
            ``VBOX_E_HOST_ERROR``: it failed.
    """
    path = folder / SELF_SIGNED_NAME
    if path.exists():
        return path
    program = shutil.which("openssl")
    if program is None:
        raise _error(
            ErrorCode.VBOX_E_NOT_SUPPORTED,
            "TLS needs a certificate, and the program 'openssl' that makes one is not installed: "
            "install it, or name yours in Security/ServerCertificate and "
            "Security/ServerPrivateKey.",
        )
    try:
        # On the same file system, so that the finished file is renamed into its place.
        with tempfile.TemporaryDirectory(prefix=".vrde-", dir=folder) as work:
            text = _make(program, Path(work), machine)
            made = Path(work, SELF_SIGNED_NAME)
            descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            made.replace(path)
    except OSError as error:
        raise _error(
            ErrorCode.VBOX_E_HOST_ERROR, f"No certificate could be made in '{folder}': {error}"
        ) from error
    return path


def _make(program: str, work: Path, machine: str) -> bytes:
    key, certificate = work / "key", work / "certificate"
    # Characters that mean something in a subject are left out.
    name = "".join(each for each in machine if each.isalnum() or each in " .-_")[:60] or "machine"
    command = (
        program, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
        "-nodes", "-days", str(_DAYS), "-subj", f"/CN={name}", "-utf8",
        "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1",
        "-keyout", str(key), "-out", str(certificate),
    )  # fmt: skip
    try:
        result = subprocess.run(
            command, capture_output=True, text=True, timeout=_SECONDS, check=False,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise _error(
            ErrorCode.VBOX_E_HOST_ERROR, f"'{program}' made no certificate in {_SECONDS:.0f} s."
        ) from error
    if result.returncode:
        lines = result.stderr.strip().splitlines() or [f"exit code {result.returncode}"]
        raise _error(ErrorCode.VBOX_E_HOST_ERROR, f"'{program}' made no certificate: {lines[-1]}")
    return certificate.read_bytes() + key.read_bytes()
