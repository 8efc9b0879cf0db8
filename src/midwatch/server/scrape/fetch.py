"""One HTTP request of a scrape or of service discovery: credentials, TLS, time and size bounded."""

import asyncio
import ssl
from dataclasses import dataclass

import httpx

from midwatch._version import __version__
from midwatch.contract.plan.scrape.access import Access
from midwatch.server.outgoing.access import authorization, tls_context
from midwatch.server.outgoing.files import FileRefused, PlanFiles

ACCEPT = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
    "application/openmetrics-text;version=1.0.0;q=0.5,"
    "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.1"
)
BODY_BYTES_MAX = 64 << 20
"""Unpacked; also where a job sets no limit of its own."""
CHUNK_BYTES = 1 << 20


class FetchFailed(Exception):
    """No page: the message says why, and is shown in the list of targets."""


@dataclass(frozen=True, slots=True)
class Fetched:
    text: str
    content_type: str


class Fetcher:
    """The connections of one job. Close it when the job ends.

    Raises:
        FetchFailed: TLS cannot be set up as the plan says.
    """

    def __init__(self, access: Access, files: PlanFiles, *, compressed: bool = True) -> None:
        self._access = access
        self._files = files
        self._extensions = {"sni_hostname": access.tls_config.server_name} if access.tls_config.server_name else {}
        try:
            context = tls_context(access.tls_config, files)
        except (FileRefused, ssl.SSLError, OSError, ValueError) as error:
            raise FetchFailed(f"tls_config: {error}") from None
        self._client = httpx.AsyncClient(
            verify=context,
            follow_redirects=access.follow_redirects,
            trust_env=False,
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=None, keepalive_expiry=300),
            headers={
                "user-agent": f"Midwatch/{__version__}",
                "accept-encoding": "gzip" if compressed else "identity",
            },
        )

    async def close(self) -> None:
        await self._client.aclose()

    async def get(self, url: str, *, timeout_seconds: float, headers: dict[str, str], bytes_max: int = 0) -> Fetched:
        """
        Raises:
            FetchFailed: no answer in time, another status than 200, too large, or not UTF-8.
        """
        limit = min(bytes_max or BODY_BYTES_MAX, BODY_BYTES_MAX)
        try:
            async with asyncio.timeout(timeout_seconds):
                headers = {**headers, **await asyncio.to_thread(authorization, self._access, self._files)}
                request = self._client.build_request("GET", url, headers=headers, extensions=self._extensions)
                # The time above is for all of it; httpx's own would be for each step.
                request.extensions["timeout"] = {}
                response = await self._client.send(request, stream=True)
                try:
                    return await self._read(response, limit)
                finally:
                    await response.aclose()
        except TimeoutError:
            raise FetchFailed(f"no answer within {timeout_seconds:g} s") from None
        except FileRefused as error:
            raise FetchFailed(str(error)) from None
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, ssl.SSLError, OSError, ValueError) as error:
            raise FetchFailed(f"{type(error).__name__}: {error}"[:500]) from None

    async def _read(self, response: httpx.Response, limit: int) -> Fetched:
        if response.status_code != 200:
            raise FetchFailed(f"the answer was {response.status_code} {response.reason_phrase}, expected 200")
        body = bytearray()
        async for chunk in response.aiter_bytes(CHUNK_BYTES):
            body += chunk
            if len(body) > limit:
                raise FetchFailed(f"body_size_limit: the answer is over {limit:,} bytes")
        try:
            return Fetched(body.decode(), response.headers.get("content-type", ""))
        except UnicodeDecodeError as error:
            raise FetchFailed(f"expected UTF-8; byte {error.start} is none") from None
