"""What the types cannot say of `alertmanager.yml`: what hangs together, and what was meant otherwise."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from midwatch.contract.plan import Problem
from midwatch.contract.plan.document import Document, Path
from midwatch.contract.plan.explain import one_of
from midwatch.server.alerting.config.kinds import SUFFIX
from midwatch.server.alerting.route import ALL
from midwatch.server.protocols.alertmanager.matchers import Unreadable, read_matchers

_VARIABLE = re.compile(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)\}?")
_BRACED = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_TIME_LABELS = frozenset({"time", "times", "hours", "time_interval", "time_intervals", "active_time_intervals"})
_HOURS = re.compile(r"(business|working|work|office|opening|day|night|off)[_ -]?(hours|time|days)?")


def with_root(tree: dict[str, Any], document: Document) -> tuple[dict[str, Any], list[Problem]]:
    """Where the routes stand at the top without a root above them: a tree that has one, for the checks that follow."""
    if "route" in tree or not isinstance(tree.get("routes"), list):
        return tree, []
    # The routes stay at their own place in the document: what is wrong below them is told there.
    for marks in (document.values, document.keys, document.texts):
        moved = {("route", *path): mark for path, mark in marks.items() if path[:1] == ("routes",)}
        marks.update(moved)  # type: ignore[arg-type]
    names = _names(tree.get("receivers"))
    default = names[-1] if names else "team"
    message = (
        "routes: a tree has one root, which takes what no other route takes; write "
        f"`route: {{receiver: {default}, routes: […]}}` with these {len(tree['routes'])} below it"
    )
    no_default = (
        "routes: expected a default receiver in the root: without one, an alert that no route takes reaches nobody; "
        f"write `receiver: {default}` in `route`"
    )
    problems = [document.problem(("routes",), text, at_key=True) for text in (message, no_default)]
    rest = {key: value for key, value in tree.items() if key != "routes"}
    return {**rest, "route": {"receiver": default, "routes": tree["routes"]}}, problems


def remarks(tree: dict[str, Any], document: Document, *, misplaced: bool) -> list[Problem]:
    route = tree.get("route")
    found: list[Problem] = []
    if not isinstance(route, dict):
        if not misplaced and "route" not in tree:
            default = (_names(tree.get("receivers")) or ["team"])[0]
            message = f"expected a root route, which takes every alert; write `route: {{receiver: {default}}}`"
            found.append(document.problem((), message))
        return found + list(_written_values(tree, document))
    if not misplaced:
        found += _root(route, document)
    receivers = _names(tree.get("receivers"))
    intervals = [*_names(tree.get("time_intervals")), *_names(tree.get("mute_time_intervals"))]
    ours = tree.get("midwatch")
    intervals += _names(ours.get("holidays")) if isinstance(ours, dict) else []
    found += _unique(tree, document)
    for path, one in _routes(route, ("route",)):
        found += _route(path, one, document, receivers, intervals)
    return found + list(_written_values(tree, document))


def _names(entries: Any) -> list[str]:
    found = [one.get("name") for one in entries if isinstance(one, dict)] if isinstance(entries, list) else []
    return [str(name) for name in found if name]


def _root(route: dict[str, Any], document: Document) -> Iterator[Problem]:
    path: Path = ("route",)
    if not route.get("receiver"):
        message = (
            "route: expected a default receiver, for alerts that no route below takes; write `receiver: …` with one "
            "that `receivers` has"
        )
        yield document.problem(path, message, at_key=True)
    for key in ("match", "match_re", "matchers"):
        if route.get(key):
            message = f"{key}: the root takes every alert: put these into a route below `routes`"
            yield document.problem((*path, key), message, at_key=True)
    for key in ("mute_time_intervals", "active_time_intervals"):
        if route.get(key):
            message = f"{key}: the root is never muted: put this into a route below `routes`"
            yield document.problem((*path, key), message, at_key=True)
    if route.get("continue"):
        yield document.problem((*path, "continue"), "continue: the root has no sibling to go on to: remove this")


def _unique(tree: dict[str, Any], document: Document) -> Iterator[Problem]:
    first: dict[str, str] = {}
    ours = tree.get("midwatch")
    places: list[tuple[Path, Any]] = [(("time_intervals",), tree.get("time_intervals"))]
    places.append((("mute_time_intervals",), tree.get("mute_time_intervals")))
    places.append((("midwatch", "holidays"), ours.get("holidays") if isinstance(ours, dict) else None))
    for path, entries in places:
        for index, one in enumerate(entries if isinstance(entries, list) else ()):
            name = str(one.get("name")) if isinstance(one, dict) else ""
            if (
                name
                and first.setdefault(name, ".".join(map(str, path)))
                and (name, path, index) != _first(places, name)
            ):
                message = f"name={name}: expected a name that no other interval has; {first[name]} has it"
                yield document.problem((*path, index, "name"), message)


def _first(places: list[tuple[Path, Any]], name: str) -> tuple[str, Path, int] | None:
    for path, entries in places:
        for index, one in enumerate(entries if isinstance(entries, list) else ()):
            if isinstance(one, dict) and str(one.get("name")) == name:
                return name, path, index
    return None


def _routes(route: dict[str, Any], path: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    yield path, route
    children = route.get("routes")
    for index, child in enumerate(children if isinstance(children, list) else ()):
        if isinstance(child, dict):
            yield from _routes(child, (*path, "routes", index))


def _route(
    path: Path, route: dict[str, Any], document: Document, receivers: list[str], intervals: list[str]
) -> Iterator[Problem]:
    name = str(route.get("receiver", ""))
    if name and name not in receivers:
        expected = one_of(name, receivers) if receivers else "a name that `receivers` has"
        message = (
            f"receiver={name}: no receiver has this name; expected {expected}, or add `- name: {name}` to receivers"
        )
        yield document.problem((*path, "receiver"), message)
    for key in ("mute_time_intervals", "active_time_intervals"):
        named = route.get(key)
        for index, interval in enumerate(named if isinstance(named, list) else ()):
            if str(interval) not in intervals:
                expected = one_of(str(interval), intervals) if intervals else "a name that `time_intervals` has"
                message = (
                    f"{key}={interval}: no time interval has this name; expected {expected}; {_defined(str(interval))}"
                )
                yield document.problem((*path, key, index), message)
    yield from _grouping(path, route, document)
    yield from _hours(path, route, document, intervals)


def _grouping(path: Path, route: dict[str, Any], document: Document) -> Iterator[Problem]:
    group_by = route.get("group_by")
    labels = [str(one) for one in group_by] if isinstance(group_by, list) else []
    if ALL in labels and len(labels) > 1:
        message = f"group_by: expected {ALL} alone, which is every label, or names of labels"
        yield document.problem((*path, "group_by"), message)
    for index, label in enumerate(labels):
        if label in labels[:index]:
            yield document.problem((*path, "group_by", index), f"group_by={label}: stands here twice")
    for key in ("group_interval", "repeat_interval"):
        if str(route.get(key, "1s")).strip() in ("0", "0s", "0m", "0h"):
            yield document.problem((*path, key), f"{key}={route[key]}: expected more than 0")


def _hours(path: Path, route: dict[str, Any], document: Document, intervals: list[str]) -> Iterator[Problem]:
    """Matchers that were meant as times of day."""
    for place, name, value in _matched(path, route):
        if name not in _TIME_LABELS or not (value in intervals or _HOURS.fullmatch(value.lower())):
            continue
        defined = "" if value in intervals else f"; {_defined(value)}"
        message = (
            f"{name}={value}: matchers look at labels of the alert, and none has one called {name}: this route takes "
            f"nothing; for times of day write `active_time_intervals: [{value}]` beside the matchers{defined}"
        )
        yield document.problem(place, message, at_key=True)


def _matched(path: Path, route: dict[str, Any]) -> Iterator[tuple[Path, str, str]]:
    for key in ("match", "match_re"):
        pairs = route.get(key)
        for name, value in pairs.items() if isinstance(pairs, dict) else ():
            yield (*path, key, name), name, str(value)
    texts = route.get("matchers")
    for index, text in enumerate(texts if isinstance(texts, list) else ()):
        try:
            for one in read_matchers(str(text)):
                if one.operator in ("=", "=~"):
                    yield (*path, "matchers", index), one.name, one.value
        except Unreadable:
            continue


def _defined(name: str) -> str:
    return (
        f"define it: `time_intervals: [{{name: {name}, time_intervals: [{{weekdays: ['monday:friday'], times: "
        "[{start_time: '09:00', end_time: '17:00'}], location: Europe/Berlin}]}]`"
    )


def _written_values(tree: dict[str, Any], document: Document) -> Iterator[Problem]:
    """Variables that nobody expands, and keys of PagerDuty's older API."""
    for top in ("global", "receivers"):
        yield from _variables(tree.get(top), (top,), document)
    receivers = tree.get("receivers")
    for index, receiver in enumerate(receivers if isinstance(receivers, list) else ()):
        entries = receiver.get(f"pagerduty{SUFFIX}") if isinstance(receiver, dict) else None
        for place, entry in enumerate(entries if isinstance(entries, list) else ()):
            for key in ("service_key", "service_key_file"):
                if isinstance(entry, dict) and entry.get(key):
                    own = key.replace("service", "routing")
                    message = (
                        f"{key}: belongs to version 1 of PagerDuty's Events API, which knows no severity; in PagerDuty "
                        f'add the integration "Events API V2" to the service, and write its key as `{own}`'
                    )
                    path = ("receivers", index, f"pagerduty{SUFFIX}", place, key)
                    yield replace(document.problem(path, message, at_key=True), severity="warning")


def _variables(value: Any, path: Path, document: Document) -> Iterator[Problem]:
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield from _variables(one, (*path, key), document)
    elif isinstance(value, list):
        for index, one in enumerate(value):
            yield from _variables(one, (*path, index), document)
    elif isinstance(value, str) and (found := _VARIABLE.fullmatch(value) or _BRACED.search(value)) is not None:
        key = next((str(part) for part in reversed(path) if isinstance(part, str)), "")
        name = found[1].lower().replace("_", "-")
        message = (
            f"{key}={found[0]}: variables are not expanded, here as by Alertmanager: this would be sent as it stands; "
            f"put the secret into a file of the plan and write `{key.removesuffix('_file')}_file: secrets/{name}`"
        )
        yield document.problem(path, message)
