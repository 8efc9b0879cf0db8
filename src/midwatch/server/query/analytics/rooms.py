"""What answers questions about product events, put together."""

from dataclasses import dataclass

from midwatch.server.query.analytics.flags import FlagQueries
from midwatch.server.query.analytics.funnel import Funnels
from midwatch.server.query.analytics.names import NameQueries
from midwatch.server.query.analytics.people import People
from midwatch.server.query.analytics.sessions import SessionQueries
from midwatch.server.query.analytics.trends import TrendQueries
from midwatch.server.query.costs import Costs, CountedSource
from midwatch.server.query.metrics.reader import StoreReader
from midwatch.server.store.client import QueryClass, Store
from midwatch.server.store.persons import Persons


@dataclass(frozen=True, slots=True)
class Analytics:
    funnels: Funnels
    trends: TrendQueries
    flags: FlagQueries
    sessions: SessionQueries
    names: NameQueries
    people: People


def analytics(store: Store, costs: Costs) -> Analytics:
    source, persons = CountedSource(store, costs), Persons(store)
    people = People(source, persons)
    return Analytics(
        funnels=Funnels(StoreReader(store, costs, QueryClass.PAGE), persons, people),
        trends=TrendQueries(source, persons),
        flags=FlagQueries(source, persons),
        sessions=SessionQueries(source, persons),
        names=NameQueries(source),
        people=people,
    )
