"""The server, asked with JSON: one request a question, from threads that may wait."""

import http.client
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from midwatch.contract import handlers as contract
from midwatch.sdk.setup import Running

ANSWER_BYTES_MAX = 1 << 20
SECONDS_MAX = 10.0
_LOGS = "/v1/logs"
_BEARER = "Bearer "


class NoAnswer(OSError):
    """Nobody there, or an answer that is none; the message says which."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Server:
    """One server and ingest key, as what is in force has them."""

    base: str
    key: str
    service: str
    environment: str

    @classmethod
    def of(cls, running: Running | None) -> "Server | None":
        """None where logs go nowhere, or to something that is no Midwatch."""
        target = None if running is None else running.options.targets.get("logs")
        if running is None or target is None:
            return None
        sent = target.headers.get("Authorization", "")
        if not target.url.endswith(_LOGS) or not sent.startswith(_BEARER):
            return None
        options = running.options
        return cls(target.url.removesuffix(_LOGS), sent.removeprefix(_BEARER), options.service, options.environment)

    @property
    def secret(self) -> bytes:
        return contract.order_secret(contract.key_digest(self.key))

    def ask(self, path: str, body: Mapping[str, Any], *, seconds: float = SECONDS_MAX) -> Answer:
        """Raises NoAnswer."""
        parts = urlsplit(self.base)
        made: http.client.HTTPConnection
        if parts.scheme == "https":
            tls = ssl.create_default_context()
            made = http.client.HTTPSConnection(parts.hostname or "", parts.port, timeout=seconds, context=tls)
        else:
            made = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=seconds)
        headers = {"Authorization": f"{_BEARER}{self.key}", "Content-Type": "application/json"}
        try:
            made.request("POST", parts.path.rstrip("/") + path, json.dumps(body).encode(), headers)
            response = made.getresponse()
            said = response.read(ANSWER_BYTES_MAX)
            found = json.loads(said) if said else {}
        except (OSError, http.client.HTTPException) as error:
            raise NoAnswer(f"{type(error).__name__}: {error}") from None
        except ValueError:
            raise NoAnswer(f"{self.base} does not answer as Midwatch does") from None
        finally:
            made.close()
        return Answer(response.status, found if isinstance(found, dict) else {})
