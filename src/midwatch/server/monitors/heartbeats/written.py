"""Expectations and lives as JSON, as the workspace keeps them."""

from dataclasses import asdict, dataclass, field, replace
from typing import Any

from midwatch.contract.plan.sections.heartbeats import Heartbeat
from midwatch.server.monitors.heartbeats.life import Condition, Life, due_ns, rescheduled
from midwatch.server.monitors.heartbeats.schedule import Expectation
from midwatch.server.workspace.heartbeats import ChangeNote, Fields, Outcome


@dataclass(frozen=True, slots=True)
class Known:
    """What is said of a heartbeat, whoever said it."""

    expectation: Expectation = field(default_factory=Expectation)
    description: str = ""
    labels: dict[str, str] = field(default_factory=dict)


def of_plan(one: Heartbeat) -> Known:
    expectation = Expectation(
        one.every, one.schedule, one.time_zone, one.grace, one.max_runtime, one.failures, one.recoveries
    )
    return Known(expectation, one.description, dict(one.labels))


def config_json(known: Known) -> dict[str, Any]:
    return {
        "expectation": asdict(known.expectation),
        "description": known.description,
        "labels": known.labels,
    }


def known_of(config: dict[str, Any]) -> Known:
    return Known(Expectation(**config["expectation"]), config["description"], config["labels"])


def life_json(life: Life) -> dict[str, Any]:
    return asdict(life) | {"condition": str(life.condition), "runs": [list(one) for one in life.runs]}


def life_of(value: dict[str, Any]) -> Life:
    runs = tuple((str(run), int(start)) for run, start in value["runs"])
    return Life(**{**value, "condition": Condition(value["condition"]), "runs": runs})


def new_fields(known: Known, source: str) -> Fields:
    life = Life()
    return Fields(config_json(known), life_json(life), str(life.condition), life.healthy, None, source)


def after(fields: Fields, life: Life, known: Known, at_ns: int, source: str | None = None) -> Outcome:
    """The row with this life, and a note where its condition or health changed."""
    before = life_of(fields.life)
    changed = Fields(
        config_json(known),
        life_json(life),
        str(life.condition),
        life.healthy,
        due_ns(life, known.expectation),
        source or fields.source,
    )
    if before.condition is life.condition and before.healthy == life.healthy:
        return Outcome(changed)
    at_ms = at_ns // 10**6
    return Outcome(changed, [ChangeNote(at_ms, str(before.condition), str(life.condition), life.healthy, life.reason)])


def redeclared(fields: Fields | None, known: Known, source: str, now_ns: int) -> Fields:
    """With what is now said of it; its life goes on, by the new schedule where that is another."""
    if fields is None:
        return new_fields(known, source)
    before = known_of(fields.config)
    life = life_of(fields.life)
    old, new = before.expectation, known.expectation
    if (old.every_seconds, old.cron, old.time_zone) != (new.every_seconds, new.cron, new.time_zone):
        life = rescheduled(life, new, now_ns)
    found = after(fields, life, known, now_ns).fields
    return replace(found, source=source)
