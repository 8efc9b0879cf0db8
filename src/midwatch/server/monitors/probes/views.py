"""What the workspace knows of probes, put together for those who ask; on every server."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from midwatch.contract.plan.sections.probes import Probe
from midwatch.server.model.clock import Clock, now_ms
from midwatch.server.monitors.probes.agreement import silent_after_ns
from midwatch.server.monitors.probes.desk import ProbeDesk
from midwatch.server.workspace.models import ProbeStandingRow
from midwatch.server.workspace.probes import AGREED, DAY_MS, DaySeconds, MonitorDays, ProbeLedger

AVAILABILITY_DAYS = 30
HISTORY_DAYS = 90
_EXPIRY = "probe_ssl_earliest_cert_expiry"
_ORDER = {"down": 0, "unknown": 1, "new": 2, "up": 3}


@dataclass(frozen=True, slots=True)
class LocationView:
    location: str
    state: str
    since_ms: int
    silent: bool
    result: Mapping[str, Any] | None

    @property
    def certificate_seconds(self) -> float | None:
        found = (self.result or {}).get("values", {}).get(_EXPIRY)
        return float(found) if isinstance(found, int | float) else None


@dataclass(slots=True)
class ProbeView:
    probe: Probe
    state: str = "new"
    since_ms: int = 0
    reason: str = ""
    detail: str = ""
    flapping: bool = False
    locations: list[LocationView] = field(default_factory=list)
    days: dict[int, DaySeconds] = field(default_factory=dict)

    @property
    def certificate_seconds(self) -> float | None:
        found = [one.certificate_seconds for one in self.locations if one.certificate_seconds is not None]
        return min(found, default=None)

    def availability(self, today: int) -> float | None:
        whole = DaySeconds()
        for day, seconds in self.days.items():
            if day > today - AVAILABILITY_DAYS:
                whole.up += seconds.up
                whole.down += seconds.down
        return whole.availability


class ProbeViews:
    def __init__(self, desk: ProbeDesk, ledger: ProbeLedger, days: MonitorDays, clock: Clock) -> None:
        self._desk, self._ledger, self._days, self._clock = desk, ledger, days, clock

    @property
    def today(self) -> int:
        return now_ms(self._clock) // DAY_MS

    async def all(self) -> list[ProbeView]:
        """Those that are down first."""
        rows = await self._ledger.standings()
        days = await self._days.of("probe", since_day=self.today - AVAILABILITY_DAYS)
        found = self._joined(dict(self._desk.probes), rows, days)
        return sorted(found, key=lambda one: (_ORDER.get(one.state, 9), one.probe.name))

    async def one(self, name: str) -> ProbeView | None:
        probe = self._desk.probes.get(name)
        if probe is None:
            return None
        rows = await self._ledger.standings(probe=name)
        days = await self._days.of("probe", since_day=self.today - HISTORY_DAYS, names=[name])
        return self._joined({name: probe}, rows, days)[0]

    def _joined(
        self, probes: Mapping[str, Probe], rows: list[ProbeStandingRow], days: Mapping[str, dict[int, DaySeconds]]
    ) -> list[ProbeView]:
        views = {name: ProbeView(probe, days=days.get(name, {})) for name, probe in probes.items()}
        now_ns = self._clock.now_ns()
        for row in rows:
            view = views.get(row.probe)
            if view is None:
                continue
            if row.location == AGREED:
                standing = row.value.get("standing", {})
                view.state, view.since_ms = row.state, row.since_ms
                view.reason, view.detail = standing.get("reason", ""), standing.get("detail", "")
                view.flapping = bool(standing.get("flapping"))
            elif not view.probe.locations or row.location in view.probe.locations:
                silent = now_ns - row.at_ms * 10**6 > silent_after_ns(view.probe)
                result = row.value.get("result")
                view.locations.append(LocationView(row.location, row.state, row.since_ms, silent, result))
        for view in views.values():
            view.locations.sort(key=lambda one: one.location)
        return list(views.values())
