"""The tree of routes: which of them take an alert, and why."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from midwatch.server.model.alert import Labels
from midwatch.server.promql.matchers import Matcher
from midwatch.server.protocols.alertmanager.matchers import WrittenMatcher, matchers_text

ALL = "..."
"""In `group_by`: every label."""


@dataclass(frozen=True, slots=True)
class RouteOptions:
    """What a route says, or inherits from the one above it. Times are nanoseconds."""

    receiver: str
    group_by: frozenset[str] = frozenset()
    group_by_all: bool = False
    group_wait_ns: int = 30 * 10**9
    group_interval_ns: int = 300 * 10**9
    repeat_interval_ns: int = 4 * 3600 * 10**9
    mute_times: tuple[str, ...] = ()
    """This and the next are never inherited."""
    active_times: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Route:
    options: RouteOptions
    matchers: tuple[Matcher, ...] = ()
    """In the order of route keys."""
    goes_on: bool = False
    """`continue`: the next sibling is asked, too."""
    routes: tuple["Route", ...] = ()
    key: str = "{}"
    """As group keys begin: the matchers from the root on."""
    id: str = "{}"
    """The key, with the place below the one above: two routes may have one key."""

    @cached_property
    def matchers_text(self) -> str:
        return matchers_text([WrittenMatcher(one.name, one.type.value, one.value) for one in self.matchers])

    def takes(self, labels: Labels) -> bool:
        return matches(self.matchers, labels)

    def match(self, labels: Labels) -> list["Route"]:
        """The routes whose receivers are told; empty where this one does not take it."""
        if not self.takes(labels):
            return []
        found: list[Route] = []
        for route in self.routes:
            taken = route.match(labels)
            found += taken
            if taken and not route.goes_on:
                break
        return found or [self]

    def walk(self) -> Iterator["Route"]:
        yield self
        for route in self.routes:
            yield from route.walk()


def matches(matchers: tuple[Matcher, ...], labels: Labels) -> bool:
    """A label that is not there is the empty text."""
    return all(one.matches(labels.get(one.name, "")) for one in matchers)


def group_labels(options: RouteOptions, labels: Labels) -> dict[str, str]:
    """Of the group that an alert belongs to."""
    if options.group_by_all:
        return dict(labels)
    return {name: labels[name] for name in sorted(options.group_by) if name in labels}


@dataclass(frozen=True, slots=True)
class Asked:
    """One route that was asked about an alert, in the order of asking."""

    route: Route
    depth: int
    taken: bool
    """Its matchers hold."""
    chosen: bool
    """Its receiver is told: no route below it took the alert."""
    failed: Matcher | None = None
    """The first matcher that does not hold."""
    ends: bool = False
    """Its siblings after it are not asked any more."""


def ask(root: Route, labels: Labels) -> list[Asked]:
    """Every route that is asked on an alert's way through the tree."""
    steps: list[Asked] = []
    _ask(root, labels, 0, steps)
    return steps


def _ask(route: Route, labels: Labels, depth: int, steps: list[Asked]) -> bool:
    failed = next((one for one in route.matchers if not one.matches(labels.get(one.name, ""))), None)
    if failed is not None:
        steps.append(Asked(route, depth, False, False, failed))
        return False
    at = len(steps)
    steps.append(Asked(route, depth, True, True, ends=depth > 0 and not route.goes_on))
    taken = False
    for child in route.routes:
        if _ask(child, labels, depth + 1, steps):
            taken = True
            if not child.goes_on:
                break
    if taken:
        steps[at] = replace(steps[at], chosen=False)
    return True
