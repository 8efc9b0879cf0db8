"""A target's pages → bodies of remote write 1.0, as far as one page follows from the ones before it.

Labels are made once a series: joined with the target's, relabelled, checked and encoded. Series that are no longer on
the page, and all of them when the page cannot be had, get Prometheus's stale marker once. Used by one thread at a time.
"""

import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from midwatch.contract.plan.sections.scrape_configs import ScrapeConfig
from midwatch.server.protocols.prometheus.messages import VERSION_1
from midwatch.server.scrape.exposition import NAME, TYPES, BadPage, Exemplar, Meta, Page, read_labels, read_page
from midwatch.server.scrape.relabel import Labels

STALE: float = struct.unpack("<d", struct.pack("<Q", 0x7FF0000000000002))[0]
"""Prometheus's stale marker: a NaN of these very bits."""
SERIES_A_BODY = 20_000
_EXPORTED = "exported_"


@dataclass(slots=True)
class _Entry:
    """A series of the target, whatever the texts under which pages have it."""

    labels: bytes | None
    """Encoded; None: relabelling dropped it."""
    seen: int = -1
    """Number of the last page that had it."""
    live: bool = False
    """Whether queries see it until a stale marker says otherwise."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one page, in the words of the series that tell of it."""

    bodies: list[tuple[bytes, int]]
    """Each with the number of its samples."""
    scraped: int
    kept: int
    """After relabelling of metrics."""
    added: int
    problem: str = ""
    """Why the page counts as none; `up` is 0 then."""


@dataclass(slots=True)
class _Writing:
    """Bodies that are being filled."""

    time_ms: int
    bodies: list[tuple[bytes, int]] = field(default_factory=list)
    request: Any = field(default_factory=VERSION_1.request)
    count: int = 0

    def add(self, labels: bytes, value: float, time_ms: int | None = None, exemplar: Exemplar | None = None) -> None:
        series = self.request.timeseries.add()
        series.MergeFromString(labels)
        series.samples.add(value=value, timestamp=self.time_ms if time_ms is None else time_ms)
        if exemplar is not None:
            told = series.exemplars.add(value=exemplar.value)
            told.timestamp = self.time_ms if exemplar.time_ms is None else exemplar.time_ms
            for name, text in exemplar.labels:
                told.labels.add(name=name, value=text)
        self.count += 1
        if self.count >= SERIES_A_BODY:
            self.close()

    def close(self) -> list[tuple[bytes, int]]:
        if self.count or self.request.metadata:
            self.bodies.append((self.request.SerializeToString(), max(1, self.count)))
            self.request, self.count = VERSION_1.request(), 0
        return self.bodies


class TargetSeries:
    """The series of one target. `live` are those of a target whose place this one takes, encoded."""

    def __init__(
        self,
        config: ScrapeConfig,
        relabel: Callable[[Labels], Labels | None],
        labels: Iterable[tuple[str, str]],
        live: Iterable[bytes] = (),
    ) -> None:
        self._config = config
        self._relabel = relabel
        self._target = dict(labels)
        self._texts: dict[str, _Entry] = {}
        self._entries: dict[bytes | None, _Entry] = {one: _Entry(one, live=True) for one in live}
        self._pages = 0
        self._families: dict[str, Meta] = {}
        self._reports = {
            name: encoded({**self._target, NAME: name})
            for name in (
                "up",
                "scrape_duration_seconds",
                "scrape_samples_scraped",
                "scrape_samples_post_metric_relabeling",
                "scrape_series_added",
            )
        }

    @property
    def live(self) -> list[bytes]:
        """Encoded series that queries see."""
        return [entry.labels for entry in self._entries.values() if entry.live and entry.labels is not None]

    def page(self, text: str, time_ms: int, *, open_metrics: bool) -> Outcome:
        """Bodies of the page with the markers of what vanished; those of the markers alone where the page is bad."""
        try:
            read = read_page(text, open_metrics=open_metrics)
            entries = self._entries_of(read)
        except BadPage as error:
            return self.none(time_ms, str(error))
        self._pages += 1
        writing = _Writing(time_ms)
        added = 0
        for (_, value, own_ms, exemplar, _), entry in zip(read.samples, entries, strict=True):
            if entry.labels is None:
                entry.seen = self._pages
                continue
            timed = own_ms if self._config.honor_timestamps else None
            if timed is None and entry.seen == self._pages:
                continue  # the same series a second time: as Prometheus, the first counts
            added += not entry.live and entry.seen < self._pages - 1
            entry.seen = self._pages
            entry.live = timed is None or self._config.track_timestamps_staleness
            writing.add(entry.labels, value, timed, exemplar)
        self._mark_vanished(writing)
        self._describe(writing, read)
        kept = sum(entry.labels is not None for entry in entries)
        return Outcome(writing.close(), len(read.samples), kept, added)

    def none(self, time_ms: int, problem: str = "") -> Outcome:
        """Without a page: markers for all that was there."""
        self._pages += 1
        writing = _Writing(time_ms)
        self._mark_vanished(writing)
        return Outcome(writing.close(), 0, 0, 0, problem)

    def report(self, outcome: Outcome, time_ms: int, seconds: float) -> tuple[bytes, int]:
        """The series that tell of the scrape itself."""
        values = (float(not outcome.problem), seconds, outcome.scraped, outcome.kept, outcome.added)
        writing = _Writing(time_ms)
        for labels, value in zip(self._reports.values(), values, strict=True):
            writing.add(labels, float(value))
        return writing.close()[0]

    def gone(self, time_ms: int) -> list[tuple[bytes, int]]:
        """The target is no more: markers for its series and for those that tell of it."""
        writing = _Writing(time_ms)
        for labels in (*self.live, *self._reports.values()):
            writing.add(labels, STALE)
        return writing.close()

    def _entries_of(self, page: Page) -> list[_Entry]:
        """Nothing is changed where this raises BadPage, but for labels that are remembered."""
        entries = []
        kept = 0
        for series, _, _, _, line in page.samples:
            entry = self._texts.get(series)
            if entry is None:
                try:
                    labels = self._labels(series)
                except BadPage as error:
                    raise BadPage(f"line {line}: {error}") from None
                entry = self._entries.setdefault(labels, _Entry(labels))
                self._texts[series] = entry
            kept += entry.labels is not None
            entries.append(entry)
        if (limit := self._config.sample_limit) and kept > limit:
            raise BadPage(f"sample_limit={limit}: the page has {kept:,} samples")
        return entries

    def _labels(self, series: str) -> bytes | None:
        labels = read_labels(series)
        if not labels.get(NAME):
            raise BadPage("expected a name of the metric")
        for name, value in self._target.items():
            if self._config.honor_labels:
                if not labels.get(name):
                    labels[name] = value
                continue
            if sent := labels.get(name):
                taken = _EXPORTED + name
                while taken in labels or taken in self._target:
                    taken = _EXPORTED + taken
                labels[taken] = sent
            labels[name] = value
        changed = self._relabel(labels)
        if changed is None:
            return None
        changed = {name: value for name, value in changed.items() if value}
        if NAME not in changed:
            raise BadPage("metric_relabel_configs took the name of the metric")
        self._check_limits(changed)
        return encoded(changed)

    def _check_limits(self, labels: Labels) -> None:
        config, name = self._config, labels[NAME]
        if config.label_limit and len(labels) > config.label_limit:
            raise BadPage(f"label_limit={config.label_limit}: {name[:100]} has {len(labels)} labels")
        for label, value in labels.items():
            if config.label_name_length_limit and len(label.encode()) > config.label_name_length_limit:
                raise BadPage(f"label_name_length_limit={config.label_name_length_limit}: {label[:100]} is longer")
            if config.label_value_length_limit and len(value.encode()) > config.label_value_length_limit:
                limit = config.label_value_length_limit
                raise BadPage(f"label_value_length_limit={limit}: {label[:100]} of {name[:100]} is longer")

    def _mark_vanished(self, writing: _Writing) -> None:
        """Also forgets what is no longer there."""
        vanished = [entry for entry in self._entries.values() if entry.seen != self._pages]
        if not vanished:
            return
        for entry in vanished:
            if entry.live and entry.labels is not None:
                writing.add(entry.labels, STALE)
            entry.live = False
        self._entries = {labels: one for labels, one in self._entries.items() if one.seen == self._pages}
        self._texts = {text: one for text, one in self._texts.items() if one.seen == self._pages}

    def _describe(self, writing: _Writing, page: Page) -> None:
        """Types, helps and units that the page before did not have."""
        for name, meta in page.families.items():
            if self._families.get(name) != meta:
                writing.request.metadata.add(
                    type=TYPES[meta.type], metric_family_name=name, help=meta.help, unit=meta.unit
                )
        self._families = page.families


def encoded(labels: Labels) -> bytes:
    """A `TimeSeries` of version 1 with labels alone, sorted by name."""
    series = VERSION_1.request().timeseries.add()
    for name, value in sorted(labels.items()):
        series.labels.add(name=name, value=value)
    content: bytes = series.SerializeToString()
    return content
