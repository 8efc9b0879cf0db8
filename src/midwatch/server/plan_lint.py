"""What is doubtful in a whole plan, where rules, routes and runbooks come together; for server and command line."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping

import structlog

from midwatch.contract.plan import Plan, Problem
from midwatch.contract.plan.sections import derived_metrics, on_call, runbooks
from midwatch.server.alerting.config.read import FILE as ROUTES
from midwatch.server.alerting.configuration import Configuration, built_in
from midwatch.server.alerting.oncall.lint import on_call_problems
from midwatch.server.model.errors import MidwatchError
from midwatch.server.promql.lint import NOTHING_KNOWN, Sent
from midwatch.server.query.metrics.derived.catalogue import all_derived
from midwatch.server.rules.files import FOLDER as RULES
from midwatch.server.rules.lint import LookBack, Routed, lint_rules
from midwatch.server.runbooks.files import FOLDER as RUNBOOKS

log = structlog.get_logger(__name__)

SENT_SECONDS_MAX = 5.0
"""A plan is not kept waiting by a store that is busy: without an answer names alone speak."""


def lint_plan(texts: Mapping[str, str], plan: Plan, sent: Sent = NOTHING_KNOWN) -> list[Problem]:
    """Of a plan that is right by itself; errors are of the kind that no plan should be put in force with."""
    configuration = plan.files.get(ROUTES, {}).get(ROUTES) or built_in()
    return on_call_problems(texts, plan[on_call.SECTION], configuration, ROUTES) + lint_rules(
        texts,
        plan.files.get(RULES, {}),
        sent=sent.and_also(_derived(plan)),
        routed=_routed(configuration) if ROUTES in texts else _nowhere,
        runbooks=plan[runbooks.SECTION],
        runbook_names=[one.name for one in plan.files.get(RUNBOOKS, {}).values()],
    )


class StoredLint:
    """With what is stored at hand."""

    def __init__(self, sent: Callable[[], Awaitable[Sent]], look_back: LookBack) -> None:
        self._sent, self._look_back = sent, look_back

    async def __call__(self, texts: Mapping[str, str], plan: Plan) -> list[Problem]:
        sent = NOTHING_KNOWN
        try:
            async with asyncio.timeout(SENT_SECONDS_MAX):
                sent = await self._sent()
        except (MidwatchError, TimeoutError) as error:
            log.warning("plan.linted_without_store", error=str(error) or "no answer in time")
        problems = await asyncio.to_thread(lint_plan, texts, plan, sent)
        if sent is NOTHING_KNOWN:
            return problems
        return problems + await self._look_back(texts, plan.files.get(RULES, {}))


def _derived(plan: Plan) -> Iterator[str]:
    """What is counted from spans and log records is there before the first of them."""
    metrics = plan[derived_metrics.SECTION]
    for metric in all_derived(metrics):
        yield from metric.series


def _routed(configuration: Configuration) -> Routed:
    def routed(labels: Mapping[str, str]) -> Mapping[str, bool]:
        names = [route.options.receiver for route in configuration.root.match(labels)]
        return {name: bool(configuration.receivers[name].integrations) for name in names}

    return routed


def _nowhere(_labels: Mapping[str, str]) -> Mapping[str, bool]:
    """Without `alertmanager.yml` the page shows all alerts, as is known."""
    return {}
