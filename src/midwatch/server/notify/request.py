"""A request as a channel's message.py makes it, what came back, and how both are kept: without secrets."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, quote_plus, urlencode, urlsplit

from pydantic import BaseModel

from midwatch.contract.plan.scrape.access import MASK

BODY_CHARACTERS_KEPT = 20_000
ANSWER_CHARACTERS_KEPT = 4_000
_SECRET_CHARACTERS_MIN = 4
"""Shorter ones are masked where they stand alone: in headers."""
_SECRET_HEADERS = frozenset({"authorization", "x-auth-token", "x-user-id", "cookie", "proxy-authorization"})
_ANSWER_HEADERS = (
    "content-type",
    "retry-after",
    "location",
    "x-request-id",
    "x-slack-req-id",
    "x-ratelimit-reset-after",
)


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""

    @classmethod
    def json(cls, url: str, value: Any, headers: Mapping[str, str] | None = None, *, method: str = "POST") -> "Request":
        content = json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
        return cls(method, url, {"content-type": "application/json", **(headers or {})}, content)

    @classmethod
    def form(cls, url: str, values: Mapping[str, str]) -> "Request":
        headers = {"content-type": "application/x-www-form-urlencoded"}
        return cls("POST", url, headers, urlencode(values, errors="replace").encode())


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    """Names in small letters."""
    content: bytes

    def json(self) -> Any:
        """None where it is no JSON."""
        try:
            return json.loads(self.content)
        except (ValueError, RecursionError):
            return None

    def text(self, characters: int = 300) -> str:
        return self.content[: 4 * characters].decode(errors="replace")[:characters]


class Secrets:
    """The secrets of one integration, to be found in whatever is kept."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._values: set[str] = set()
        for value in values:
            if value.startswith(("http://", "https://")):
                self.add_url(value)
            else:
                self.add(value)

    def copy(self) -> "Secrets":
        """For one attempt: what it learns on the way is not kept for the next."""
        made = Secrets()
        made._values |= self._values
        return made

    def add(self, value: str) -> str:
        """Hands it on."""
        if len(value) >= _SECRET_CHARACTERS_MIN:
            self._values |= {value, quote(value), quote(value, safe=""), quote_plus(value), json.dumps(value)[1:-1]}
        return value

    def add_url(self, url: str) -> str:
        """Of an address that is a secret, the host may be seen. Hands it on."""
        parts = urlsplit(url)
        if parts.hostname:
            self.add(url.split(parts.netloc, 1)[-1].lstrip("/"))
            self.add(parts.netloc.rpartition("@")[0])
        return url

    def masked(self, text: str) -> str:
        for value in sorted(self._values, key=len, reverse=True):
            text = text.replace(value, MASK)
        return text

    def masked_all(self, value: Any) -> Any:
        """Every text in lists and mappings."""
        if isinstance(value, str):
            return self.masked(value)
        if isinstance(value, Mapping):
            return {name: self.masked_all(one) for name, one in value.items()}
        return [self.masked_all(one) for one in value] if isinstance(value, list | tuple) else value


def secrets_of(config: BaseModel) -> Iterable[str]:
    """Every value of a model that its dump masks."""
    yield from _secrets(config, config.model_dump())


def _secrets(value: Any, dumped: Any) -> Iterable[str]:
    if isinstance(value, BaseModel) and isinstance(dumped, dict):
        for name in type(value).model_fields:
            yield from _secrets(getattr(value, name), dumped.get(name))
    elif isinstance(value, Mapping) and isinstance(dumped, Mapping):
        for key, one in value.items():
            yield from _secrets(one, dumped.get(key))
    elif isinstance(value, tuple | list) and isinstance(dumped, tuple | list):
        for one, its in zip(value, dumped, strict=True):
            yield from _secrets(one, its)
    elif isinstance(value, str) and dumped == MASK:
        yield value


def kept_request(request: Request, secrets: Secrets) -> dict[str, Any]:
    headers = {
        name: MASK if name.lower() in _SECRET_HEADERS else secrets.masked(value)
        for name, value in request.headers.items()
    }
    body = secrets.masked(request.content.decode(errors="replace"))
    cut = {"body_characters": len(body)} if len(body) > BODY_CHARACTERS_KEPT else {}
    return {
        "method": request.method,
        "url": secrets.masked(request.url),
        "headers": headers,
        "body": body[:BODY_CHARACTERS_KEPT],
        **cut,
    }


def kept_answer(answer: Answer, secrets: Secrets) -> dict[str, Any]:
    headers = {name: answer.headers[name] for name in _ANSWER_HEADERS if name in answer.headers}
    return {
        "status": answer.status,
        "headers": {name: secrets.masked(value) for name, value in headers.items()},
        "body": secrets.masked(answer.text(ANSWER_CHARACTERS_KEPT)),
    }


def cut(text: str, characters: int, *, mark: str = "…") -> str:
    """At most so many characters, the mark included."""
    return text if len(text) <= characters else text[: characters - len(mark)] + mark


def cut_bytes(text: str, size: int) -> str:
    """At most so many bytes of UTF-8."""
    content = text.encode("utf-8", "replace")
    return text if len(content) <= size else content[: size - 3].decode("utf-8", "ignore") + "…"


def joined(parts: Sequence[str]) -> str:
    return "\n".join(part for part in parts if part)
