"""A band in which series are expected, as a rule asks for it; who learns it and who compares with it share the name."""

from dataclasses import dataclass
from hashlib import sha256

LABEL = "anomaly_band"
"""Which band a series of one belongs to."""
LOWER, EXPECTED, UPPER = "midwatch_anomaly_lower", "midwatch_anomaly_expected", "midwatch_anomaly_upper"


@dataclass(frozen=True, slots=True)
class BandWanted:
    """`query` is PromQL as its printer writes it. Rules that ask for the same share one."""

    query: str
    deviations: float
    """How many usual deviations the band reaches from what is expected, to either side."""
    history_ms: int
    zone: str = "UTC"
    """Whose hours and weekdays count."""
    at_least: float = 0.0
    """To either side the band reaches at least so far."""

    @property
    def id(self) -> str:
        """16 hex digits."""
        parts = (self.query, repr(self.deviations), str(self.history_ms), self.zone, repr(self.at_least))
        return sha256("\xff".join(parts).encode("utf-8", "replace")).hexdigest()[:16]
