"""One POST of OTLP over a connection that is kept; the answers as OTLP/HTTP means them."""

import contextlib
import encodings.idna  # noqa: F401 - else a socket loads it in our thread: a child forked meanwhile finds it locked for ever
import gzip
import http.client
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from math import isfinite
from urllib.parse import urlsplit

from midwatch.sdk.bounded_socket import BoundedSocket

COMPRESS_BYTES_MIN = 1024
COMPRESS_LEVEL = 1
"""The first level takes a third of the time of the usual sixth, for bodies a fifth larger."""
ANSWER_BYTES_MAX = 64 << 10
RETRY_SECONDS_MAX = 300.0
IDLE_SECONDS_MAX = 30.0
"""A connection that was not used for so long is made anew: what is between may have forgotten it without a word, and a
process that was frozen would wait for the answer of a server that has."""
_AGAIN = frozenset((408, 429, 502, 503, 504))


@dataclass(frozen=True, slots=True)
class Outcome:
    taken: bool
    again: bool = False
    """Whether the same body may be taken later."""
    after_seconds: float = 0.0
    """How long the server asks to wait; 0 where it does not say."""
    reason: str = ""
    status: int = 0
    """The HTTP status of what was not taken; 0 where there was no answer, -1 where it could not be asked."""


TAKEN = Outcome(taken=True)


class Connection:
    """To one URL; used from one thread, but for `abort`."""

    def __init__(
        self,
        url: str,
        headers: Mapping[str, str],
        *,
        timeout_seconds: float,
        compression: str,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`compression`: gzip, none, or empty for gzip over TLS alone."""
        parts = urlsplit(url)
        self.url = url
        self._path = parts.path + (f"?{parts.query}" if parts.query else "")
        self._headers = {"Content-Type": "application/x-protobuf", **headers}
        self._host, self._port = parts.hostname or "", parts.port
        self._secure = parts.scheme == "https"
        self._timeout_seconds = timeout_seconds
        self._compress = compression == "gzip" or (not compression and self._secure)
        self._monotonic = monotonic
        self._http: http.client.HTTPConnection | None = None
        self._socket: BoundedSocket | None = None
        self._used_at = 0.0
        self._aborted = False

    def post(self, body: bytes) -> Outcome:
        """Send once; what fails on a kept connection that the server had closed is sent on a new one."""
        headers = self._headers
        if self._compress and len(body) >= COMPRESS_BYTES_MIN:
            body, headers = gzip.compress(body, COMPRESS_LEVEL), {**headers, "Content-Encoding": "gzip"}
        if self._http is not None and self._monotonic() - self._used_at > IDLE_SECONDS_MAX:
            self.close()
        was_kept = self._http is not None
        outcome = self._try(body, headers)
        if was_kept and not outcome.taken and not outcome.status and not self._aborted:
            outcome = self._try(body, headers)
        self._used_at = self._monotonic()
        return outcome

    def close(self) -> None:
        if self._http is not None:
            with contextlib.suppress(OSError):
                self._http.close()
        self.forget()

    def forget(self) -> None:
        """After a fork: the socket is the parent's, and closing it here would say goodbye for both."""
        self._http = self._socket = None

    def abort(self) -> None:
        """From another thread, at the end: let a post that is waiting fail now."""
        self._aborted = True
        waiting = self._socket
        if waiting is not None:
            with contextlib.suppress(OSError):
                waiting.abort()

    def _try(self, body: bytes, headers: Mapping[str, str]) -> Outcome:
        try:
            return self._post(body, headers)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            return Outcome(False, again=True, reason=f"{type(error).__name__}: {error}")
        except Exception as error:
            # Such as a header that cannot be sent: it will not be better the next time.
            self.close()
            return Outcome(False, reason=f"{type(error).__name__}: {error}", status=-1)

    def _post(self, body: bytes, headers: Mapping[str, str]) -> Outcome:
        if self._http is None or self._socket is None:
            self._http, self._socket = self._connect()
        self._socket.begin()
        self._http.request("POST", self._path, body, dict(headers))
        response = self._http.getresponse()
        said = response.read(ANSWER_BYTES_MAX)
        if not response.isclosed() or response.will_close:
            response.close()
            self.close()
        if 200 <= response.status < 300:
            return TAKEN
        reason = f"{response.status} {_shown(said)}".strip()
        return Outcome(
            False, response.status in _AGAIN, _seconds(response.headers.get("Retry-After")), reason, response.status
        )

    def _connect(self) -> tuple[http.client.HTTPConnection, BoundedSocket]:
        made: http.client.HTTPConnection
        if self._secure:
            tls = ssl.create_default_context()
            made = http.client.HTTPSConnection(self._host, self._port, timeout=self._timeout_seconds, context=tls)
        else:
            made = http.client.HTTPConnection(self._host, self._port, timeout=self._timeout_seconds)
        made.connect()
        bounded = BoundedSocket(made.sock, self._timeout_seconds)
        made.sock = bounded
        return made, bounded


def _seconds(retry_after: str | None) -> float:
    """Seconds, or a date (RFC 9110, 10.2.3); what is neither asks for nothing."""
    if not retry_after:
        return 0.0
    try:
        seconds = float(retry_after)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(retry_after).timestamp() - time.time()
        except (ValueError, OverflowError):
            return 0.0
    return min(RETRY_SECONDS_MAX, max(0.0, seconds)) if isfinite(seconds) else 0.0


def _shown(said: bytes) -> str:
    """The start of an answer, where it is text."""
    text = said[:300].decode(errors="replace")
    return "".join(one for one in text if one.isprintable())[:200]
