"""AWS Signature Version 4, for requests with their parameters in the body or in the address. Pure."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qsl, quote, urlsplit

from midwatch.server.notify.request import Request

ALGORITHM = "AWS4-HMAC-SHA256"


@dataclass(frozen=True, slots=True)
class Keys:
    access_key: str
    secret_key: str
    session_token: str = ""


def signed(request: Request, keys: Keys, region: str, service: str, at_seconds: float) -> Request:
    """The request with the headers that say who sends it; no others of its headers may change afterwards."""
    time = datetime.fromtimestamp(at_seconds, UTC).strftime("%Y%m%dT%H%M%SZ")
    own = {"x-amz-date": time} | ({"x-amz-security-token": keys.session_token} if keys.session_token else {})
    headers = {name.lower(): value for name, value in request.headers.items()} | own
    names, canonical = _canonical(request, headers | {"host": urlsplit(request.url).netloc})
    scope = f"{time[:8]}/{region}/{service}/aws4_request"
    to_sign = "\n".join((ALGORITHM, time, scope, hashlib.sha256(canonical.encode()).hexdigest()))
    key = f"AWS4{keys.secret_key}".encode()
    for part in scope.split("/"):
        key = _mac(key, part)
    signature = _mac(key, to_sign).hex()
    said = f"{ALGORITHM} Credential={keys.access_key}/{scope}, SignedHeaders={names}, Signature={signature}"
    return Request(request.method, request.url, headers | {"authorization": said}, request.content)


def _canonical(request: Request, headers: Mapping[str, str]) -> tuple[str, str]:
    """The names of the headers that are signed, and the request as both sides write it."""
    parts = urlsplit(request.url)
    query = sorted((_encoded(name), _encoded(value)) for name, value in parse_qsl(parts.query, keep_blank_values=True))
    ordered = sorted((name, " ".join(value.split())) for name, value in headers.items())
    names = ";".join(name for name, _ in ordered)
    lines = (
        request.method,
        quote(parts.path or "/", safe="/-_.~"),
        "&".join(f"{name}={value}" for name, value in query),
        *(f"{name}:{value}" for name, value in ordered),
        "",
        names,
        hashlib.sha256(request.content).hexdigest(),
    )
    return names, "\n".join(lines)


def _encoded(text: str) -> str:
    return quote(text, safe="-_.~")


def _mac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()
