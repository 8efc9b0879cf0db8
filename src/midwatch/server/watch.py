"""Opens the watch: rules judge, alerting routes, runbooks say what to do."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from midwatch.contract.plan import Plan
from midwatch.contract.plan.sections import budgets, currency
from midwatch.server.alerting.acts import AlertActs
from midwatch.server.alerting.config.read import FILE as ALERTMANAGER_FILE
from midwatch.server.alerting.desk import AlertDesk
from midwatch.server.alerting.oncall.desk import OnCallDesk
from midwatch.server.anomaly.keeper import BandKeeper
from midwatch.server.bands import range_arrays
from midwatch.server.budget_rules import FILE as BUDGETS_FILE
from midwatch.server.budget_rules import rules_of_budgets
from midwatch.server.model.clock import Clock
from midwatch.server.monitors.builtin_rules import FILE as UPTIME_FILE
from midwatch.server.monitors.builtin_rules import RULES as UPTIME_RULES
from midwatch.server.objective_rules import rules_of_objectives
from midwatch.server.plan.effects import Effect, files_effect, maintenance_effect, on_call_effect
from midwatch.server.query.metrics.rooms import MetricRooms
from midwatch.server.rules.evaluation import World
from midwatch.server.rules.files import RULE_FILES, in_force, read_rules
from midwatch.server.rules.model import RuleSet
from midwatch.server.rules.runner import RuleRunner
from midwatch.server.rules.templates import RuleTemplates, Surroundings
from midwatch.server.runbooks.desk import PlanRunbooks
from midwatch.server.runbooks.files import RUNBOOK_FILES
from midwatch.server.slo.desk import PlanObjectives
from midwatch.server.slo.files import SLO_FILES
from midwatch.server.wal.log import WriteAheadLog
from midwatch.server.workspace.workspace import Workspace


@dataclass(slots=True)
class Watch:
    rules: RuleRunner
    alerts: AlertDesk
    acts: AlertActs
    on_call: OnCallDesk
    runbooks: PlanRunbooks
    objectives: PlanObjectives
    bands: BandKeeper

    def effects(self) -> list[Effect]:
        """What a plan changes in it."""
        return [
            files_effect(RULE_FILES.folder, self._put_rules),
            self._put_objectives,
            self._put_budgets,
            files_effect(RUNBOOK_FILES.folder, self.runbooks.put),
            on_call_effect(self.on_call.configure),
            maintenance_effect(self.alerts.maintenance.put),
            files_effect(ALERTMANAGER_FILE, self._put_routes),
        ]

    def _put_rules(self, files: Mapping[str, Any]) -> None:
        rules = in_force(files)
        self.bands.put(rules.bands())
        self.rules.put(RULE_FILES.folder, rules)

    async def _put_objectives(self, plan: Plan) -> None:
        files = plan.files.get(SLO_FILES.folder, {})
        rules = await asyncio.to_thread(rules_of_objectives, files)
        self.objectives.put(files)
        self.rules.put(SLO_FILES.folder, rules)

    async def _put_budgets(self, plan: Plan) -> None:
        planned: budgets.Budgets = plan[budgets.SECTION]
        rules = rules_of_budgets(planned, plan[currency.SECTION].base)
        self.rules.put(BUDGETS_FILE, rules)

    def _put_routes(self, files: Mapping[str, Any]) -> None:
        self.alerts.configure(files.get(ALERTMANAGER_FILE))


def open_watch(workspace: Workspace, metrics: MetricRooms, wal: WriteAheadLog, clock: Clock, *, node: str) -> Watch:
    """Alerts of rules go straight to alerting; nothing runs yet."""
    world = World(metrics.asking.engine, clock, RuleTemplates(Surroundings()))
    rules = RuleRunner(world, metrics.rule_reads, wal.visible_until_ns, workspace.rule_alerts, clock, node=node)
    on_call = OnCallDesk(workspace.on_call, clock)
    alerts = AlertDesk(workspace.alerting, workspace.outbox, clock, tell=on_call.tell)
    rules.tell(alerts.put)
    rules.put("monitors", _uptime_rules())
    bands = BandKeeper(range_arrays(metrics.asking.engine, metrics.queries), clock)
    return Watch(rules, alerts, AlertActs(alerts, clock), on_call, PlanRunbooks(), PlanObjectives(), bands)


def _uptime_rules() -> RuleSet:
    """Those of probes and heartbeats, which are in force without a plan that has any."""
    read = read_rules(UPTIME_FILE, UPTIME_RULES)
    assert read.rules is not None, read.problems
    return read.rules
