"""What a scraper gets at `/metrics`: of this process, or of all processes of the app where they share a directory."""

import asyncio
import gzip
import hmac
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import prometheus_client
from prometheus_client.core import Metric, Sample

from midwatch.sdk import event_loop
from midwatch.sdk.histograms import exemplars_of
from midwatch.sdk.options import ConfigurationError
from midwatch.sdk.pages import Asked, Pages
from midwatch.sdk.setup import METRICS, PROCESSES, in_force
from midwatch.sdk.text_formats import OPENMETRICS, content_type_for, takes_gzip, write

PATH = "/metrics"
TOKEN = "MIDWATCH_METRICS_TOKEN"  # noqa: S105 - the variable's name
GZIP_LEVEL = 1
"""Of 210 kB level 1 makes 14 in 0.3 ms, level 6 makes 12 in 1.5 ms."""
_PLAIN = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    content_type: str
    body: bytes
    more: tuple[tuple[str, str], ...] = ()

    @property
    def headers(self) -> list[tuple[str, str]]:
        return [
            ("content-type", self.content_type),
            ("content-length", str(len(self.body))),
            ("cache-control", "no-store"),
            *self.more,
        ]


class Exposition(Pages):
    """The metrics as a page; any thread may ask."""

    def __init__(self, *, path: str = PATH, token: str | None = None) -> None:
        """Where there is a `token`, `Authorization: Bearer …` must have it; it is read from `MIDWATCH_METRICS_TOKEN`
        or the file that `MIDWATCH_METRICS_TOKEN_FILE` names where none is given.

        Raises ConfigurationError for a path that none can be, and a file that cannot be read."""
        if not path.startswith("/") or any(one in path for one in "?#"):
            raise ConfigurationError(f"path={path!r}: expected a path such as {PATH}")
        self.paths = frozenset((path,))
        self._token = (_token() if token is None else token).encode()
        # What reads metrics is no request of the app's, also where it is not at /metrics.
        running = in_force()
        if running is not None:
            running.web.quiet |= self.paths

    def reply(self, asked: Asked) -> Answer:
        if self._token and not _bears(asked.headers.get("authorization", ""), self._token):
            return Answer(401, _PLAIN, b"expected Authorization: Bearer TOKEN\n", (("www-authenticate", "Bearer"),))
        kind = content_type_for(asked.headers.get("accept", ""))
        try:
            body = write(families(exemplars=kind == OPENMETRICS), kind)
        except Exception as error:
            # An app's own collector, or the shared directory: a scrape that fails is told as one.
            return Answer(503, _PLAIN, f"cannot read the metrics: {type(error).__name__}: {error}\n".encode())
        more: tuple[tuple[str, str], ...] = (("vary", "accept, accept-encoding"),)
        if takes_gzip(asked.headers.get("accept-encoding", "")):
            body = gzip.compress(body, GZIP_LEVEL, mtime=0)
            more = (*more, ("content-encoding", "gzip"))
        return Answer(200, kind, body, more)

    async def reply_async(self, asked: Asked) -> Answer:
        """In a thread: a page of thousands of series would keep the loop from all else."""
        event_loop.watch()
        return await asyncio.get_running_loop().run_in_executor(None, self.reply, asked)


def families(*, exemplars: bool = False) -> Iterable[Metric]:
    """All metrics: ours, and those that the app has made with `prometheus_client` itself."""
    if PROCESSES is None:
        return _of_this_process()
    METRICS.read()
    summed = PROCESSES.collect()
    return _with_exemplars(summed) if exemplars else summed


def _of_this_process() -> Iterator[Metric]:
    yield from METRICS.collect()
    # Our names come first: those that are written already are left out.
    yield from prometheus_client.REGISTRY.collect()


def _with_exemplars(summed: Iterable[Metric]) -> Iterator[Metric]:
    """Of this process: the others' are seen when they are scraped."""
    found = {}
    for family in METRICS.histograms():
        for values, bound, exemplar in exemplars_of(family):
            labels = frozenset((*zip(family._labelnames, values, strict=True), ("le", bound)))
            found[family._name, labels] = exemplar
    for one in summed:
        if one.type == "histogram" and found:
            one.samples = [_exemplified(sample, one.name, found) for sample in one.samples]
        yield one


def _exemplified(sample: Sample, name: str, found: dict) -> Sample:  # type: ignore[type-arg]
    exemplar = found.get((name, frozenset(sample.labels.items()))) if "le" in sample.labels else None
    return sample._replace(exemplar=exemplar) if exemplar else sample


def _token() -> str:
    if (file := os.environ.get(f"{TOKEN}_FILE")) and not os.environ.get(TOKEN):
        try:
            return Path(file).read_text().strip()
        except OSError as error:
            raise ConfigurationError(f"{TOKEN}_FILE={file!r}: cannot be read: {error.strerror}") from None
    return os.environ.get(TOKEN, "")


def _bears(authorization: str, token: bytes) -> bool:
    scheme, _, said = authorization.partition(" ")
    return scheme.lower() == "bearer" and hmac.compare_digest(said.strip().encode(), token)
