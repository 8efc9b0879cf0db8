"""What answers questions about costs, put together."""

from dataclasses import dataclass

from midwatch.server.model.clock import Clock
from midwatch.server.query.costs import Costs
from midwatch.server.query.metrics.reader import StoreReader
from midwatch.server.query.spending.budgets import BudgetQueries
from midwatch.server.query.spending.plan import SpendingPlan
from midwatch.server.query.spending.spending import Spending
from midwatch.server.query.spending.storage import ReplayBytes, StorageQueries
from midwatch.server.query.spending.units import UnitQueries
from midwatch.server.store.client import QueryClass, Store


@dataclass(frozen=True, slots=True)
class SpendingRooms:
    plan: SpendingPlan
    spending: Spending
    budgets: BudgetQueries
    watched: BudgetQueries
    """The same, asked as rules ask: no page keeps them waiting."""
    units: UnitQueries
    storage: StorageQueries


def spending_rooms(store: Store, costs: Costs, replays: ReplayBytes, clock: Clock) -> SpendingRooms:
    plan = SpendingPlan()
    source, rules = StoreReader(store, costs, QueryClass.PAGE), StoreReader(store, costs, QueryClass.RULES)
    spending = Spending(source, plan)
    return SpendingRooms(
        plan=plan,
        spending=spending,
        budgets=BudgetQueries(spending, clock),
        watched=BudgetQueries(Spending(rules, plan), clock),
        units=UnitQueries(source, spending),
        storage=StorageQueries(source, lambda: store.layout, replays, plan),
    )
