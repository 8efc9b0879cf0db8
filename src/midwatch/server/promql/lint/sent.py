"""What is known of the metrics that a query is about."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from midwatch.server.promql.functions.registry import COUNTER_SUFFIXES

HISTOGRAM_PARTS = ("_bucket", "_count", "_sum")


@dataclass(frozen=True, slots=True)
class Sent:
    """Nothing known of a metric is no reason to doubt it; without `names` none is said to be missing."""

    kinds: Mapping[str, str] = field(default_factory=dict)
    """Prometheus's metric types by name of the metric (of a histogram, without its parts' suffixes)."""
    names: frozenset[str] | None = None
    """Every metric that somebody sent lately or that is made here; None: not known."""
    native: frozenset[str] = frozenset()
    """Those of them that are native histograms."""

    def and_also(self, names: Iterable[str]) -> "Sent":
        """With metrics that are made here."""
        return self if self.names is None else replace(self, names=self.names.union(names))

    def kind(self, name: str) -> str | None:
        """`counter`, `gauge`, `histogram`, `summary` …; the parts of a histogram are counters."""
        if (found := self.kinds.get(name)) not in (None, "", "unknown"):
            return found
        family = self.family(name)
        if family != name and self.kinds.get(family) in ("histogram", "gaugehistogram", "summary"):
            return "counter"
        return None

    def family(self, name: str) -> str:
        """The histogram or summary that a name is a part of, where one is known; else the name."""
        for part in HISTOGRAM_PARTS:
            if name.endswith(part) and name.removesuffix(part) in self.kinds:
                return name.removesuffix(part)
        return name

    def is_counter(self, name: str) -> bool | None:
        """None: neither its type nor its name says so."""
        kind = self.kind(name)
        if kind is not None:
            return kind != "gauge"
        return True if name.endswith(COUNTER_SUFFIXES) else None

    def missing(self, name: str) -> bool:
        """A histogram is there when its parts are: that it cannot be asked whole is another finding."""
        return self.names is not None and not self.names & {name, *(name + part for part in HISTOGRAM_PARTS)}

    def near(self, name: str) -> str | None:
        """The name that was probably meant."""
        found = difflib.get_close_matches(name, self.names or (), n=1, cutoff=0.75)
        return found[0] if found else None


NOTHING_KNOWN = Sent()
