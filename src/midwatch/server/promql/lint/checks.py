"""All checks, in one call."""

from collections.abc import Callable, Iterator

from midwatch.server.promql.lint.conditions import no_condition
from midwatch.server.promql.lint.counters import rate_of_gauge, rate_of_sum, raw_counter
from midwatch.server.promql.lint.finding import Finding
from midwatch.server.promql.lint.histograms import quantile_of_no_buckets
from midwatch.server.promql.lint.matching import never_matching, ratio_of_itself
from midwatch.server.promql.lint.metrics import nobody_sends
from midwatch.server.promql.lint.sent import NOTHING_KNOWN, Sent
from midwatch.server.promql.syntax.ast import Expr

Check = Callable[[str, Expr, Sent], Iterator[Finding]]
OF_QUERIES: tuple[Check, ...] = (
    rate_of_gauge,
    rate_of_sum,
    quantile_of_no_buckets,
    ratio_of_itself,
    never_matching,
    nobody_sends,
)
OF_ALERTS: tuple[Check, ...] = (*OF_QUERIES, raw_counter, no_condition)


def lint(query: str, expr: Expr, sent: Sent = NOTHING_KNOWN, *, alert: bool = False) -> list[Finding]:
    """In order of the query; `expr` is the query parsed. `alert`: it is the condition of one."""
    checks = OF_ALERTS if alert else OF_QUERIES
    found = [finding for check in checks for finding in check(query, expr, sent)]
    return sorted(found, key=lambda one: (one.span.start, one.check))
