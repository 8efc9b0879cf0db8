"""What only the server understands of a plan's probes and heartbeats: patterns, JSONPaths, lines of crontabs."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import jsonpath
import re2  # type: ignore[import-untyped]

from midwatch.contract.plan.section import Remark
from midwatch.contract.plan.sections import heartbeats, probes
from midwatch.contract.plan.sections.heartbeats import Heartbeats
from midwatch.contract.plan.sections.probes import Probes
from midwatch.server.monitors.heartbeats.schedule import BadSchedule, check_schedule
from midwatch.server.monitors.probes.expecting import path, pattern


def check_monitors(values: Mapping[str, Any]) -> Iterable[Remark]:
    """Of a plan's sections, by name."""
    yield from _probes(values.get(probes.SECTION.name, ()))
    yield from _heartbeats(values.get(heartbeats.SECTION.name, ()))


def _probes(found: Probes) -> Iterator[Remark]:
    for index, probe in enumerate(found):
        above = (probes.SECTION.name, index, probe.kind, "expect")
        expect: Any = probe.target.expect
        patterns: dict[tuple[str | int, ...], str | None] = {
            ("matches",): getattr(expect, "matches", None),
            ("body_matches",): getattr(expect, "body_matches", None),
        }
        for name, wanted in getattr(expect, "header_matches", {}).items():
            patterns[("header_matches", name)] = wanted
        for place, one in enumerate(getattr(expect, "json_", ())):
            patterns[("json", place, "matches")] = one.matches
            if (said := _refused(path, one.path)) is not None:
                yield (*above, "json", place, "path"), f"path={one.path[:80]}: expected a JSONPath: {said}"
        for where, wanted in patterns.items():
            if wanted is not None and (said := _refused(pattern, wanted)) is not None:
                yield (*above, *where), f"{where[-1]}={wanted[:80]}: expected a regular expression of RE2: {said}"


def _heartbeats(found: Heartbeats) -> Iterator[Remark]:
    for index, one in enumerate(found):
        if one.schedule:
            try:
                check_schedule(one.schedule, one.time_zone)
            except BadSchedule as error:
                yield (heartbeats.SECTION.name, index, "schedule"), str(error)


def _refused(compiled: Callable[[str], Any], text: str) -> str | None:
    try:
        compiled(text)
    except (re2.error, jsonpath.JSONPathError) as error:
        said = error.args[0] if error.args else error
        return (said.decode(errors="replace") if isinstance(said, bytes) else str(said)).splitlines()[0][:200]
    return None
