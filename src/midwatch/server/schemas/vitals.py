"""Web vitals, sessions and page loads of browsers."""

from typing import Literal

from midwatch.server.model.web_vital import Rating
from midwatch.server.schemas.base import Page, QueryStats, Schema

VitalName = Literal["lcp", "inp", "cls", "fcp", "ttfb", "fid"]


class VitalFigures(Schema):
    p75: float
    """Milliseconds; of CLS a score."""
    count: int
    good: int
    needs_improvement: int
    poor: int
    rating: Rating
    """Of p75."""


class VitalPoint(Schema):
    time: str
    p75: float
    count: int


class Vital(Schema):
    name: VitalName
    good_to: float
    poor_above: float
    figures: VitalFigures | None
    """None where nothing was measured."""
    previous_p75: float | None
    """Over the equally long range before."""
    points: list[VitalPoint]


class RouteVitals(Schema):
    route: str
    """Empty where records do not tell it."""
    count: int
    """The most that any vital was measured there."""
    vitals: dict[VitalName, VitalFigures]


class VitalChoice(Schema):
    value: str
    count: int


class BrowserSessionPoint(Schema):
    time: str
    sessions: int
    users: int


class BrowserSessions(Schema):
    sessions: int
    users: int
    """Different `user.id`s of sessions and vitals."""
    errored: int
    crashed: int
    with_duration: int
    """Sessions whose duration is known: they told it, or were heard of at more than one time."""
    p50_seconds: float | None
    p95_seconds: float | None
    points: list[BrowserSessionPoint]


class VitalsReport(Schema):
    vitals: list[Vital]
    """All six, whether they were measured or not."""
    routes: list[RouteVitals]
    """Worst first: by how many measurements of LCP, INP and CLS are poor, then need improvement."""
    routes_total: int
    choices: dict[Literal["service", "route", "device", "browser", "release"], list[VitalChoice]]
    """What the answer can be narrowed to, the most frequent first."""
    sessions: BrowserSessions
    """Narrowed as the rest, but for the route: a session has many."""
    step_seconds: float
    counted_every: int
    """1: all were read; n: every nth page load, and counts are multiplied by it."""
    stats: QueryStats


class VitalSample(Schema):
    time: str
    name: VitalName
    value: float
    rating: Rating
    service: str
    route: str
    path: str
    trace_id: str
    span_id: str
    """Of the page load, where it is known."""
    device: str
    browser: str
    release: str
    user_id: str
    session_id: str
    replay_id: str
    element: str
    """What was painted, shifted or touched, as a selector."""


class VitalSamples(Page):
    rows: list[VitalSample]


class PageLoadRow(Schema):
    time: str
    kind: Literal["pageload", "navigation"]
    service: str
    name: str
    path: str
    duration_ns: int
    status: Literal["unset", "ok", "error"]
    trace_id: str
    span_id: str
    user_id: str
    release: str
    replay_id: str


class PageLoadList(Page):
    rows: list[PageLoadRow]
