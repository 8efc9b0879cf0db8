"""All facts of a code base, and how rules over them speak."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from midwatch.audit.finding import BROWSER, NODE, PYTHON, Fact, Finding, Rule, Severity, Side
from midwatch.audit.inventory import HEALTH, LIBRARY, ROUTE, SERVER
from midwatch.audit.libraries import WEB

NAMES: dict[Side, str] = {PYTHON: "Python", NODE: "Node.js", BROWSER: "the browser"}


@dataclass
class Whole:
    facts: tuple[Fact, ...]
    expected_events: frozenset[str] = frozenset()
    sides_read: frozenset[Side] = frozenset((PYTHON, NODE, BROWSER))
    """Without a parser for JavaScript nothing can be said to be missing there."""

    @cached_property
    def _by_kind(self) -> dict[str, list[Fact]]:
        found: dict[str, list[Fact]] = {}
        for fact in self.facts:
            found.setdefault(fact.kind, []).append(fact)
        return found

    def of(self, kind: str, side: Side | None = None) -> list[Fact]:
        return [one for one in self._by_kind.get(kind, []) if side is None or one.side == side]

    def libraries(self, role: str, side: Side | None = None) -> list[Fact]:
        return [one for one in self.of(LIBRARY, side) if one.name.endswith(f": {role}")]

    def serves(self, side: Side) -> list[Fact]:
        """What shows that a service is answered for there: the first of them is where its findings stand."""
        framework = {one.file for one in self.libraries(WEB, side)}
        servers = [*self.of(SERVER, side), *(one for one in self.of(ROUTE, side))]
        return (
            servers if servers and (framework or self.of(SERVER, side) or side == NODE or self.of(HEALTH, side)) else []
        )

    @cached_property
    def services(self) -> list[tuple[Side, Fact]]:
        return [(side, found[0]) for side in (PYTHON, NODE) if (found := self.serves(side))]


def missing(rule: Rule, at: Fact, message: str, severity: Severity | None = None) -> Finding:
    """A finding of the whole, at the place that shows what it is about."""
    return Finding(rule, at.file, at.line, 1, message, severity or rule.severity, "", NAMES[at.side])


def at_each_service(whole: Whole, rule: Rule, sides: Iterable[Side], message: str) -> Iterator[Finding]:
    for side, at in whole.services:
        if side in sides:
            yield missing(rule, at, message.format(side=NAMES[side]))
