"""Alerting rules of a plan beside what is stored: thresholds that never or always held."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import structlog

from midwatch.contract.plan import Problem
from midwatch.contract.plan.document import Document, Path, read_document
from midwatch.server.model.clock import Clock, now_ms
from midwatch.server.model.errors import MidwatchError
from midwatch.server.promql.errors import QueryError
from midwatch.server.promql.floats import Floats, Ints
from midwatch.server.promql.labels import Labels
from midwatch.server.promql.syntax import ParserOptions, parse, to_text
from midwatch.server.rules.lint.compared import Compared, compared
from midwatch.server.rules.lint.plan import of_finding, placed
from midwatch.server.rules.lint.quantities import histogram_buckets
from midwatch.server.rules.lint.seen import DAY_MS, seen
from midwatch.server.rules.lint.thresholds import judged
from midwatch.server.rules.model import AlertingRule, RuleSet

log = structlog.get_logger(__name__)

BACK_MS = 14 * DAY_MS
STEP_MS = 600_000
SECONDS_MAX = 4.0
"""For all rules of a plan together: whoever applies one waits for it."""
RULE_SECONDS_MAX = 2.0
NAMES_MAX = 10
ANSWERS_MAX = 500
"""Kept until the next step begins, 16 kB each: who asks again goes on where there was no more time."""
_BUCKETS_BACK_MS, _BUCKETS_STEP_MS = DAY_MS, 3_600_000
_OPTIONS = ParserOptions.everything()

Answer = tuple[list[Labels], Ints, Floats]
Ask = Callable[[str, int, int, int], Awaitable[Answer]]
"""PromQL from start to end by step: labels, times, and series × times with NaN where there is nothing."""


@dataclass(frozen=True, slots=True)
class _Rule:
    document: Document
    path: Path
    rule: AlertingRule
    parts: tuple[Compared, ...]


class LookBack:
    """For the event loop, which it never holds: parsing and judging are done in threads, asking is by `ask`."""

    def __init__(self, ask: Ask, clock: Clock, seconds_max: float = SECONDS_MAX) -> None:
        self._ask, self._clock, self._seconds_max = ask, clock, seconds_max
        self._end_ms = 0
        self._answers: dict[str, Answer] = {}

    async def __call__(self, texts: Mapping[str, str], rules: Mapping[str, RuleSet]) -> list[Problem]:
        """Warnings, and one line about the rules that there was no time for."""
        wanted = await asyncio.to_thread(lambda: list(_rules(texts, rules)))
        end = now_ms(self._clock) // STEP_MS * STEP_MS
        if end != self._end_ms:
            self._end_ms, self._answers = end, {}
        problems: list[Problem] = []
        left_out: list[_Rule] = []
        until = asyncio.get_running_loop().time() + self._seconds_max
        for one in wanted:
            left = until - asyncio.get_running_loop().time()
            try:
                async with asyncio.timeout(min(RULE_SECONDS_MAX, left)):
                    problems += await self._looked_at(one, end)
            except (QueryError, MidwatchError, TimeoutError) as error:
                log.info("rules.not_looked_at", alert=one.rule.name, error=str(error) or "no time left")
                left_out.append(one)
        return problems + _not_looked_at(left_out)

    async def _looked_at(self, one: _Rule, end_ms: int) -> list[Problem]:
        problems = []
        for part in one.parts:
            _, times, values = await self._answer(_reduced(part), end_ms - BACK_MS, end_ms, STEP_MS)
            found = await asyncio.to_thread(seen, part.operator, part.threshold, times, values, STEP_MS)
            if found.enough and not found.held.any() and part.upward:
                found = replace(found, bucket_max=await self._bucket_max(part, end_ms))
            finding = judged(one.rule.query, part, found)
            if finding is not None:
                problems.append(of_finding(one.document, one.path, one.rule, finding))
        return problems

    async def _answer(self, query: str, start_ms: int, end_ms: int, step_ms: int) -> Answer:
        kept = self._answers.get(query)
        if kept is not None:
            return kept
        answer = await self._ask(query, start_ms, end_ms, step_ms)
        if len(answer[0]) == 1 and len(self._answers) < ANSWERS_MAX and end_ms == self._end_ms:
            self._answers[query] = answer
        return answer

    async def _bucket_max(self, part: Compared, end_ms: int) -> float | None:
        buckets = histogram_buckets(part.of)
        if buckets is None:
            return None
        query = f"count by (le) ({to_text(buckets)})"
        labels, _, _ = await self._answer(query, end_ms - _BUCKETS_BACK_MS, end_ms, _BUCKETS_STEP_MS)
        ends = [float(dict(one).get("le", "nan")) for one in labels]
        return max((one for one in ends if np.isfinite(one)), default=None)


def _reduced(part: Compared) -> str:
    """One series, with the value that is nearest to holding; of equality there is none."""
    if part.upward:
        return f"max({part.query})"
    return f"min({part.query})" if part.downward else part.query


def _rules(texts: Mapping[str, str], rules: Mapping[str, RuleSet]) -> Iterator[_Rule]:
    for file, found in sorted(rules.items()):
        document = read_document(file, texts[file])
        for path, rule in placed(document, found):
            if isinstance(rule, AlertingRule):
                parts = tuple(compared(parse(rule.query, _OPTIONS)))
                if parts:
                    yield _Rule(document, path, rule, parts)


def _not_looked_at(rules: list[_Rule]) -> list[Problem]:
    if not rules:
        return []
    names = ", ".join(one.rule.name for one in rules[:NAMES_MAX])
    more = f" and {len(rules) - NAMES_MAX} more" if len(rules) > NAMES_MAX else ""
    message = (
        f"not compared with stored history, for there was no time left or too much to read: {names}{more}; "
        "a check within ten minutes goes on from there, and `midwatch backtest NAME --over 14d` replays a rule"
    )
    first = rules[0]
    return [replace(first.document.problem(first.path, message), severity="info")]
