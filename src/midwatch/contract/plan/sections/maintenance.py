"""`maintenance`: times in which alerts of what is worked on are told to nobody, and objectives do not count."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import Field, model_validator

from midwatch.contract.plan.section import Duration, Model, Name, Remark, Section, Text
from midwatch.contract.plan.sections.on_call import LocalTime, Zone

WINDOWS_MAX = 500
DURATION_SECONDS_MAX = 14 * 86_400.0


class Window(Model):
    """Once, from `starts` to `ends`; or again and again, `duration` from each time of `schedule` on."""

    name: Name
    description: Text = ""
    labels: dict[str, str] = Field(default_factory=dict)
    """Of the alerts and objectives that are meant; all of them have to be equal. Without any: everything."""
    zone: Zone = "UTC"
    starts: LocalTime | None = None
    ends: LocalTime | None = None
    schedule: Annotated[str, Field(max_length=200)] = ""
    """As in crontab(5)."""
    duration: Duration | None = None

    @model_validator(mode="after")
    def _whole(self) -> "Window":
        once = self.starts is not None and self.ends is not None
        again = bool(self.schedule) and self.duration is not None
        partly = [self.starts, self.ends] if again else [self.schedule or None, self.duration]
        if once is again or any(one is not None for one in partly):
            raise ValueError("expected either starts and ends, or schedule and duration")
        if self.starts is not None and self.ends is not None and self.ends <= self.starts:
            raise ValueError("expected ends after starts")
        if self.duration is not None and not 0 < self.duration <= DURATION_SECONDS_MAX:
            raise ValueError("expected a duration above 0 and at most 14d")
        return self


Maintenance = tuple[Window, ...]


def _check(windows: Maintenance, _sections: Mapping[str, Any]) -> Iterable[Remark]:
    first: dict[str, int] = {}
    for index, one in enumerate(windows):
        if first.setdefault(one.name, index) != index:
            yield (index, "name"), f"name={one.name}: expected a name that no other window has"


SECTION: Section[Maintenance] = Section(
    name="maintenance",
    help="Times in which nobody is told of what is worked on, and objectives do not count.",
    type=Annotated[Maintenance, Field(max_length=WINDOWS_MAX)],
    empty=tuple,
    check=_check,
    example="""maintenance:
  - name: weekly-patches
    labels: {service: api}
    schedule: "0 3 * * sun"
    duration: 2h
    zone: Europe/Madrid
  - name: move-of-the-database
    starts: "2026-12-05 22:00"
    ends: "2026-12-06 04:00"
""",
)
