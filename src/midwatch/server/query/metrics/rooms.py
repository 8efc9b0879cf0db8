"""Everything that answers questions about series, joined."""

from collections.abc import Callable
from dataclasses import dataclass

from midwatch.server.promql import Engine, EngineOptions
from midwatch.server.query.costs import Costs
from midwatch.server.query.metrics.asking import Asking
from midwatch.server.query.metrics.deleting import SeriesDeletion
from midwatch.server.query.metrics.derived.catalogue import DerivedCatalogue
from midwatch.server.query.metrics.derived.lists import DerivedLists
from midwatch.server.query.metrics.known import KnownSeries
from midwatch.server.query.metrics.lists import MetricLists
from midwatch.server.query.metrics.queries import MetricQueries
from midwatch.server.query.metrics.reader import StoreReader
from midwatch.server.query.metrics.rule_reads import RuleReads
from midwatch.server.query.metrics.tsdb_status import TsdbStatus
from midwatch.server.store.client import QueryClass, Store

_PLACES: dict[str, int] = {QueryClass.PAGE: 4, QueryClass.RULES: 2}
"""Threads by class of questions; each holds an interpreter's lock for much of its time."""


@dataclass(frozen=True, slots=True)
class MetricRooms:
    """What pages, programs and rules ask."""

    asking: Asking
    queries: MetricQueries
    rules: MetricQueries
    rule_reads: RuleReads
    lists: MetricLists
    tsdb_status: TsdbStatus
    deletion: SeriesDeletion
    derived: DerivedCatalogue


def metric_rooms(
    store: Store, costs: Costs, options: EngineOptions, derived: DerivedCatalogue, *, forget: Callable[[], None]
) -> MetricRooms:
    """`forget` is called when series were deleted: what brought them may come again."""
    asking, known = Asking(Engine(options), _PLACES), KnownSeries()
    page, rules = (StoreReader(store, costs, one) for one in (QueryClass.PAGE, QueryClass.RULES))
    of_rules = MetricQueries(asking, rules, derived, known, QueryClass.RULES)
    series_max = asking.engine.options.series_max
    return MetricRooms(
        asking,
        MetricQueries(asking, page, derived, known, QueryClass.PAGE),
        of_rules,
        RuleReads(of_rules, rules),
        MetricLists(page, series_max, DerivedLists(page, derived)),
        TsdbStatus(page),
        SeriesDeletion(page, page, series_max, forget),
        derived,
    )
