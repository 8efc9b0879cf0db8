"""One request to a destination, and what its answer means."""

import asyncio
import email.utils
import ssl
import time
from dataclasses import dataclass
from enum import StrEnum

import httpx
from google.protobuf import json_format
from google.protobuf.message import DecodeError, Message
from google.rpc.status_pb2 import Status

from midwatch._version import __version__
from midwatch.contract.plan.sections.forward import Destination
from midwatch.server.forward.parcels import Parcel
from midwatch.server.model.via import VIA_HEADER
from midwatch.server.outgoing.access import authorization, tls_context
from midwatch.server.outgoing.files import FileRefused, PlanFiles
from midwatch.server.protocols.otlp.messages import OtlpKind

ANSWER_BYTES_MAX = 64 << 10
QUOTED_CHARACTERS_MAX = 300
RETRY_AFTER_SECONDS_MAX = 3600.0
ABOUT_THE_DESTINATION = frozenset({401, 403, 404, 405, 407, 408, 425, 429, 502, 503, 504})
"""And 3xx: says nothing of what was sent, so that it waits. A key that is wrong for an hour shall cost nothing."""


class Verdict(StrEnum):
    DELIVERED = "delivered"
    AGAIN = "again"
    """As often as it takes."""
    FAILED = "failed"
    """The other side's mistake, as it seems: again, and not for ever."""
    REFUSED = "refused"
    """The same would be refused again."""


@dataclass(frozen=True, slots=True)
class Answer:
    verdict: Verdict
    error: str = ""
    retry_after_seconds: float | None = None
    refused_items: int = 0
    """Of a request that was taken otherwise."""


class Sender:
    """The connections to one destination. Close it when nothing more is sent."""

    def __init__(self, destination: Destination, files: PlanFiles) -> None:
        self._destination = destination
        self._files = files
        self._client: httpx.AsyncClient | None = None
        name = destination.tls_config.server_name
        self._extensions = {"sni_hostname": name} if name else {}

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()

    async def send(self, otlp: OtlpKind, parcel: Parcel, via: str) -> Answer:
        """Never raises."""
        destination = self._destination
        url = f"{destination.endpoint}{otlp.path}"
        try:
            async with asyncio.timeout(destination.timeout):
                if self._client is None:
                    self._client = await asyncio.to_thread(self._connected)
                headers = {**await asyncio.to_thread(self._headers), VIA_HEADER: via}
                async with self._client.stream(
                    "POST", url, content=parcel.content, headers=headers, extensions=self._extensions
                ) as response:
                    body = bytearray()
                    async for chunk in response.aiter_bytes():
                        body += chunk
                        if len(body) > ANSWER_BYTES_MAX:
                            break
        except TimeoutError:
            return Answer(Verdict.AGAIN, f"no answer within {destination.timeout:g} s")
        except FileRefused as error:
            return Answer(Verdict.AGAIN, str(error))
        except (httpx.HTTPError, httpx.StreamError, ssl.SSLError, OSError, ValueError) as error:
            return Answer(Verdict.AGAIN, f"{type(error).__name__}: {error}"[:QUOTED_CHARACTERS_MAX])
        return _judged(otlp, response, bytes(body[:ANSWER_BYTES_MAX]))

    def _connected(self) -> httpx.AsyncClient:
        """In a thread: reads certificates."""
        return httpx.AsyncClient(
            verify=tls_context(self._destination.tls_config, self._files),
            timeout=None,  # noqa: S113 - one for all of it is around each request
            trust_env=False,
            headers={"user-agent": f"Midwatch/{__version__}"},
        )

    def _headers(self) -> dict[str, str]:
        """In a thread: reads files of secrets, which are replaced while the server runs."""
        destination = self._destination
        found = {**destination.headers}
        found |= {name: self._files.text(path).strip() for name, path in destination.header_files.items()}
        found |= authorization(destination, self._files)
        found["content-type"] = "application/x-protobuf"
        if destination.compression == "gzip":
            found["content-encoding"] = "gzip"
        return found


def _judged(otlp: OtlpKind, response: httpx.Response, body: bytes) -> Answer:
    status = response.status_code
    if 200 <= status < 300:
        return _taken(otlp, response, body)
    error = f"{status} {response.reason_phrase}: {_quoted(response, body)}"
    if status in ABOUT_THE_DESTINATION or 300 <= status < 400:
        return Answer(Verdict.AGAIN, error, _retry_after(response.headers.get("retry-after", "")))
    return Answer(Verdict.FAILED if status >= 500 else Verdict.REFUSED, error)


def _taken(otlp: OtlpKind, response: httpx.Response, body: bytes) -> Answer:
    message = otlp.response()
    try:
        if "json" in response.headers.get("content-type", ""):
            json_format.Parse(body or b"{}", message, ignore_unknown_fields=True)
        else:
            message.ParseFromString(body)
    except (DecodeError, json_format.ParseError, UnicodeDecodeError):
        return Answer(Verdict.DELIVERED)  # taken, and told in words of its own
    partial: Message = message.partial_success  # type: ignore[attr-defined]
    rejected = next((int(value) for field, value in partial.ListFields() if field.name.startswith("rejected_")), 0)
    return Answer(Verdict.DELIVERED, str(partial.error_message)[:QUOTED_CHARACTERS_MAX], None, rejected)  # type: ignore[attr-defined]


def _quoted(response: httpx.Response, body: bytes) -> str:
    if "protobuf" in response.headers.get("content-type", ""):
        try:
            return str(Status.FromString(body).message)[:QUOTED_CHARACTERS_MAX]
        except (DecodeError, UnicodeDecodeError):
            return ""
    return body.decode(errors="replace")[:QUOTED_CHARACTERS_MAX]


def _retry_after(text: str) -> float | None:
    """RFC 9110, 10.2.3: seconds, or a date."""
    if text.isascii() and text.isdigit():
        return min(float(text[:10]), RETRY_AFTER_SECONDS_MAX)
    try:
        until = email.utils.parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(0.0, until - time.time()), RETRY_AFTER_SECONDS_MAX)
