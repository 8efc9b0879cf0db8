"""`heartbeats`: who is to give signs of life, when, and how late is too late."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, model_validator

from midwatch.contract.plan.section import Duration, Model, Name, Remark, Section, Text
from midwatch.contract.plan.sections.probes import Labels

HEARTBEATS_MAX = 10_000
EVERY_SECONDS_MIN = 10.0
EVERY_SECONDS_MAX = 366 * 86_400.0
GRACE_SECONDS_MAX = 30 * 86_400.0
THRESHOLD_MAX = 720


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ValueError, OSError, KeyError):
        raise ValueError("expected a time zone such as Europe/Berlin") from None
    return text


Zone = Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_zone)]
Threshold = Annotated[int, Field(ge=1, le=THRESHOLD_MAX)]


class Heartbeat(Model):
    name: Name
    """The slug of Sentry's monitors and of ping URLs, the name of the SDK's."""
    description: Text = ""
    schedule: Annotated[str, Field(max_length=200)] = ""
    """As in crontab(5)."""
    every: Duration | None = None
    time_zone: Zone = "UTC"
    grace: Duration = 300.0
    """How much later than expected is no reason for alarm."""
    max_runtime: Duration | None = None
    """From start to end; half an hour, or the grace where that is longer, without one."""
    failures: Threshold = 1
    """So many misses or failures in a row are down."""
    recoveries: Threshold = 1
    """So many successes in a row are up again."""
    labels: Labels = Field(default_factory=dict)

    @model_validator(mode="after")
    def _whole(self) -> "Heartbeat":
        if bool(self.schedule) == (self.every is not None):
            raise ValueError("expected schedule (as in crontab) or every, exactly one of them")
        if self.every is not None and not EVERY_SECONDS_MIN <= self.every <= EVERY_SECONDS_MAX:
            raise ValueError("expected every from 10s to 366d")
        if not 0 < self.grace <= GRACE_SECONDS_MAX:
            raise ValueError("expected a grace above 0 and at most 30d")
        if self.max_runtime is not None and not 0 < self.max_runtime <= EVERY_SECONDS_MAX:
            raise ValueError("expected a max_runtime above 0 and at most 366d")
        return self


Heartbeats = tuple[Heartbeat, ...]


def _check(heartbeats: Heartbeats, _sections: Mapping[str, Any]) -> Iterable[Remark]:
    first: dict[str, int] = {}
    for index, one in enumerate(heartbeats):
        if first.setdefault(one.name, index) != index:
            yield (index, "name"), f"name={one.name}: expected a name that no other heartbeat has"


SECTION: Section[Heartbeats] = Section(
    name="heartbeats",
    help="Jobs and loops that give signs of life: when they are expected, and how late is too late.",
    type=Annotated[Heartbeats, Field(max_length=HEARTBEATS_MAX)],
    empty=tuple,
    check=_check,
    example="""heartbeats:
  - name: nightly-invoices
    schedule: "0 3 * * *"
    time_zone: Europe/Berlin
    grace: 15m
    max_runtime: 1h
    labels: {team: billing}
  - name: reddit-poller
    every: 5m
    grace: 2m
    failures: 2
""",
)
