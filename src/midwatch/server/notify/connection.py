"""HTTP to one receiver, as its `http_config` says: judged addresses, credentials, TLS, redirects, a proxy."""

import asyncio
import ssl
from collections.abc import Mapping

import httpx

from midwatch._version import __version__
from midwatch.contract.plan.scrape.access import TlsConfig
from midwatch.server.model.clock import Clock
from midwatch.server.notify.http_config import HttpConfig, OAuth2
from midwatch.server.notify.request import Answer, Request, Secrets
from midwatch.server.outgoing.access import authorization, tls_context
from midwatch.server.outgoing.files import FileRefused, PlanFiles
from midwatch.server.outgoing.guarded_http import GuardedTransport
from midwatch.server.outgoing.reach import AddressRefused, Guard, ResolverBusy

ANSWER_BYTES_MAX = 256 << 10
REDIRECTS_MAX = 5
ERROR_CHARACTERS_MAX = 300
_EXPIRES_SECONDS = 300.0
"""Of a token that does not say how long it lasts."""


class Unreachable(Exception):
    """No answer: the same may work later."""


class Connection:
    """Opened with its first request, since certificates are read then. Close it when nothing more is sent."""

    def __init__(self, config: HttpConfig, guard: Guard, files: PlanFiles, clock: Clock) -> None:
        self._config = config
        self._guard = guard
        self._files = files
        self._clock = clock
        self._client: httpx.AsyncClient | None = None
        self._token = ""
        self._token_until = 0.0

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()

    async def exchange(self, request: Request, seconds: float, secrets: Secrets) -> Answer:
        """
        Raises:
            Unreachable: no answer within the time, or none at all; the message says why.
        """
        try:
            async with asyncio.timeout(seconds):
                if self._client is None:
                    self._client = await self._opened(self._config.tls_config, self._config.proxy_url)
                own = await self._headers(secrets)
                return await _asked(self._client, request, own, self._config.tls_config.server_name)
        except TimeoutError:
            raise Unreachable(f"no answer within {seconds:g} s") from None
        except (AddressRefused, ResolverBusy, FileRefused) as error:
            raise Unreachable(str(error)) from None
        except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, ssl.SSLError, OSError, ValueError) as error:
            cause = str(error) or "connection closed"
            raise Unreachable(f"{type(error).__name__}: {cause}"[:ERROR_CHARACTERS_MAX]) from None

    async def _opened(self, tls: TlsConfig, proxy_url: str) -> httpx.AsyncClient:
        context = await asyncio.to_thread(tls_context, tls, self._files)
        if proxy_url:
            proxy = httpx.URL(proxy_url)
            await self._guard.addresses(proxy.host, proxy.port or (443 if proxy.scheme == "https" else 80))
            transport: httpx.AsyncHTTPTransport = httpx.AsyncHTTPTransport(
                verify=context, proxy=proxy_url, trust_env=False
            )
        else:
            transport = GuardedTransport(self._guard, verify=context)
        return httpx.AsyncClient(
            transport=transport,
            timeout=None,  # noqa: S113 - one for all of it is around each request
            trust_env=False,
            follow_redirects=self._config.follow_redirects,
            max_redirects=REDIRECTS_MAX,
            headers={"user-agent": f"Midwatch/{__version__}"},
        )

    async def _headers(self, secrets: Secrets) -> dict[str, str]:
        """Files of secrets are read for each request: they are replaced while the server runs."""
        config = self._config
        found: dict[str, str] = {}
        for name, header in config.http_headers.items():
            values = [*header.values, *header.secrets]
            values += [await self._text(path, secrets) for path in header.files]
            found[name.lower()] = ", ".join(values)
        found |= await asyncio.to_thread(authorization, config, self._files)
        if config.bearer_token or config.bearer_token_file:
            token = config.bearer_token or await self._text(config.bearer_token_file, secrets)
            found["authorization"] = f"Bearer {token}"
        if config.oauth2:
            found["authorization"] = f"Bearer {await self._access_token(config.oauth2, secrets)}"
        return found

    async def _text(self, path: str, secrets: Secrets) -> str:
        return secrets.add((await asyncio.to_thread(self._files.text, path)).strip())

    async def _access_token(self, oauth: OAuth2, secrets: Secrets) -> str:
        """RFC 6749, 4.4, kept until it expires. Raises Unreachable and what `exchange` catches."""
        if self._token and self._clock.monotonic() < self._token_until:
            return secrets.add(self._token)
        secret = oauth.client_secret or await self._text(oauth.client_secret_file, secrets)
        form = {"grant_type": "client_credentials", "scope": " ".join(oauth.scopes), **oauth.endpoint_params}
        request = Request.form(oauth.token_url, {name: value for name, value in form.items() if value})
        client = await self._opened(oauth.tls_config, oauth.proxy_url)
        async with client:
            basic = httpx.BasicAuth(oauth.client_id, secret)
            signed = next(basic.auth_flow(httpx.Request("POST", oauth.token_url))).headers["authorization"]
            answer = await _asked(client, request, {"authorization": signed}, oauth.tls_config.server_name)
        found = answer.json()
        if answer.status != 200 or not isinstance(found, dict) or not isinstance(found.get("access_token"), str):
            raise Unreachable(f"{oauth.token_url} gave no token: answered {answer.status}")
        self._token = secrets.add(found["access_token"])
        expires = found.get("expires_in")
        lasts = float(expires) if isinstance(expires, int | float) else _EXPIRES_SECONDS
        self._token_until = self._clock.monotonic() + lasts * 0.9
        return self._token


async def _asked(client: httpx.AsyncClient, request: Request, own: Mapping[str, str], server_name: str) -> Answer:
    headers = {**{name.lower(): value for name, value in request.headers.items()}, **own}
    extensions = {"sni_hostname": server_name} if server_name else {}
    async with client.stream(
        request.method, request.url, content=request.content, headers=headers, extensions=extensions
    ) as response:
        body = bytearray()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > ANSWER_BYTES_MAX:
                break
        return Answer(response.status_code, dict(response.headers), bytes(body[:ANSWER_BYTES_MAX]))
