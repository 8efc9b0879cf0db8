"""From a host to a connection whose other end was judged, with what each phase took and what TLS tells."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from functools import lru_cache

from cryptography import x509

from midwatch.contract.plan.scrape.access import Credentials, TlsConfig
from midwatch.server.monitors.probes.attempt import Attempt, ProbeFailed, Reason
from midwatch.server.outgoing.access import authorization, tls_context
from midwatch.server.outgoing.files import FileRefused, PlanFiles
from midwatch.server.outgoing.reach import connected

ANSWER_BYTES_MAX = 64 << 10
CONTEXTS_MAX = 256

_VERSIONS = {"TLSv1": "1.0", "TLSv1.1": "1.1", "TLSv1.2": "1.2", "TLSv1.3": "1.3"}


@lru_cache(maxsize=CONTEXTS_MAX)
def _context(config: TlsConfig) -> ssl.SSLContext:
    """Of a configuration that names no files: making one reads all authorities, some 10 ms."""
    return tls_context(config, PlanFiles(None))


def context_of(config: TlsConfig, files: PlanFiles) -> ssl.SSLContext:
    """
    Raises:
        ProbeFailed: what the plan names cannot be used.
    """
    try:
        if config.ca_file or config.cert_file:
            return tls_context(config, files)
        return _context(config)
    except (FileRefused, ssl.SSLError, OSError, ValueError) as error:
        raise ProbeFailed(Reason.CONFIGURATION, f"tls_config: {error}") from None


async def granted(access: Credentials, files: PlanFiles) -> dict[str, str]:
    """The header of its credentials, or none; files are read in a thread.

    Raises:
        ProbeFailed: a file that may not be read, or cannot.
    """
    if access.basic_auth is None and access.authorization is None:
        return {}
    try:
        return await asyncio.to_thread(authorization, access, files)
    except FileRefused as error:
        raise ProbeFailed(Reason.CONFIGURATION, str(error)) from None


@asynccontextmanager
async def streams(
    attempt: Attempt, host: str, port: int, *, context: ssl.SSLContext | None = None, server_name: str = ""
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection, TLS where there is a context. Raises what the sockets raise."""
    with attempt.phase("resolve"):
        attempt.addresses = await attempt.guard.addresses(host, port)
    with attempt.phase("connect"):
        sock = await connected(attempt.addresses, port)
    attempt.reached = True
    attempt.facts["address"] = str(sock.getpeername()[0])
    try:
        reader, writer = await asyncio.open_connection(sock=sock, limit=ANSWER_BYTES_MAX)
    except BaseException:
        sock.close()
        raise
    try:
        if context is not None:
            with attempt.phase("tls"):
                await writer.start_tls(context, server_hostname=server_name or host)
            note_tls(attempt, writer.get_extra_info("ssl_object"))
        yield reader, writer
    finally:
        writer.transport.abort()
        with suppress(Exception):
            await writer.wait_closed()


def note_tls(attempt: Attempt, connection: ssl.SSLObject | ssl.SSLSocket | None) -> None:
    """Version, cipher, and what the certificates say of themselves."""
    if connection is None:
        return
    version = connection.version() or ""
    attempt.facts["tls_version"] = _VERSIONS.get(version, version)
    if cipher := connection.cipher():
        attempt.facts["tls_cipher"] = cipher[0]
    content = connection.getpeercert(binary_form=True)
    if content is not None:
        note_certificates(attempt, [content, *_others(connection)])


def _others(connection: ssl.SSLObject | ssl.SSLSocket) -> list[bytes]:
    """What the other end sent beside its own certificate; Python tells from 3.13 on."""
    chain = getattr(connection, "get_unverified_chain", None)
    return list(chain()[1:]) if chain is not None else []


def note_certificates(attempt: Attempt, chain: list[bytes]) -> None:
    """The earliest end counts: what a certificate depends on ends it too."""
    certificates = []
    for content in chain:
        with suppress(ValueError):
            certificates.append(x509.load_der_x509_certificate(content))
    if not certificates:
        return
    ends: list[datetime] = [one.not_valid_after_utc for one in certificates]
    attempt.values["probe_ssl_earliest_cert_expiry"] = min(ends).timestamp()
    own = certificates[0]
    attempt.facts["certificate_subject"] = own.subject.rfc4514_string()[:300]
    attempt.facts["certificate_issuer"] = own.issuer.rfc4514_string()[:300]
    attempt.facts["certificate_serial"] = f"{own.serial_number:x}"
