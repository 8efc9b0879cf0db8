"""`health_checks`: what of a service must answer."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import Field, model_validator

from midwatch.contract.plan.section import Model, Name, Remark, Section, Text

CHECKS_MAX = 100


class HealthCheck(Model):
    """Of one service: checks that it tells of by itself, and probes that look at it from outside."""

    checks: tuple[Annotated[str, Field(min_length=1, max_length=200)], ...] = Field(default=(), max_length=CHECKS_MAX)
    """Names of the SDK's health checks, or values of the label `check` of `health_check_up`."""
    probes: tuple[Name, ...] = Field(default=(), max_length=CHECKS_MAX)
    """Names of probes of the plan."""
    environments: tuple[Name, ...] = ()
    owner: Text = ""

    @model_validator(mode="after")
    def _some(self) -> "HealthCheck":
        if not self.checks and not self.probes:
            raise ValueError("expected checks or probes")
        return self


HealthChecks = dict[Name, HealthCheck]


def _check(found: HealthChecks, sections: Mapping[str, Any]) -> Iterable[Remark]:
    services, places = sections.get("services"), sections.get("environments")
    probes = {probe.name for probe in sections.get("probes", ())}
    for name, one in found.items():
        if services and name not in services:
            yield (name,), f"service={name}: expected one of {', '.join(services)}"
        for index, probe in enumerate(one.probes):
            if probe not in probes:
                known = f"one of {', '.join(sorted(probes))}" if probes else "a probe of the section probes"
                yield (name, "probes", index), f"probe={probe}: expected {known}"
        for index, place in enumerate(one.environments):
            if places and place not in places:
                yield (name, "environments", index), f"environment={place}: expected one of {', '.join(places)}"


SECTION: Section[HealthChecks] = Section(
    name="health_checks",
    help="What of each service must answer: its own checks, and probes that look at it.",
    type=HealthChecks,
    empty=dict,
    check=_check,
    example="""health_checks:
  api:
    checks: [database, redis]
  worker:
    checks: [queue]
    environments: [production]
""",
)
