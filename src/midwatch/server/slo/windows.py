"""How fast a budget may burn before somebody is told: several windows, several rates.

The method of Google's SRE workbook (chapter 5, "Multiwindow, Multi-Burn-Rate Alerts"): a long window says that much is
gone, a short one that it still goes.
"""

from dataclasses import dataclass
from enum import StrEnum

from midwatch.contract.duration import parse_duration


class Urgency(StrEnum):
    PAGE = "page"
    TICKET = "ticket"


@dataclass(frozen=True, slots=True)
class BurnWindow:
    """Alerts when `share` of the whole budget is gone within `long`, and goes on within `short`."""

    urgency: Urgency
    short: str
    long: str
    share: float

    def factor(self, window_seconds: float) -> float:
        """How many times faster than evenly over the objective's window; never slower than that."""
        return max(1.0, round(self.share * window_seconds / parse_duration(self.long), 4))


BURN_WINDOWS = (
    BurnWindow(Urgency.PAGE, "5m", "1h", 0.02),
    BurnWindow(Urgency.PAGE, "30m", "6h", 0.05),
    BurnWindow(Urgency.TICKET, "2h", "1d", 0.10),
    BurnWindow(Urgency.TICKET, "6h", "3d", 0.10),
)
RECORDED = tuple(sorted({w for one in BURN_WINDOWS for w in (one.short, one.long)}, key=parse_duration))
"""Windows over which the share of errors is recorded."""
SHORTEST = RECORDED[0]
WINDOW_DAYS_MIN, WINDOW_DAYS_MAX = 3, 365
