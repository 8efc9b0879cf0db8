"""Runs the checks, one run at a time, and remembers for a short time what came of them."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from midwatch.contract.plan import Plan
from midwatch.contract.plan.sections import environments
from midwatch.server.model.errors import MidwatchError, Unavailable
from midwatch.server.query.source import Scope
from midwatch.server.verify.asked import Asked, Rooms, Rows
from midwatch.server.verify.finding import FINDINGS_MAX, ROWS_MAX, Outcome, Row
from midwatch.server.verify.registry import Check, all_checks

log = structlog.get_logger(__name__)

REMEMBERED_SECONDS = 60.0
RUNS_MAX = 32
WAITING_MAX = 8
"""Runs that wait for their turn; more are told to come back."""


@dataclass(slots=True)
class Checked:
    """One check of a run. `error`: why it could not look."""

    check: Check
    done: bool = False
    error: str = ""
    seconds: float = 0.0
    outcome: Outcome = field(default_factory=Outcome)
    findings_total: int = 0
    rows_total: int = 0


@dataclass(slots=True)
class Run:
    plan: Plan
    scope: Scope
    environment: str
    checked: list[Checked]
    task: asyncio.Task[None] | None = None
    ended: float | None = None
    """By the monotonic clock."""

    @property
    def done(self) -> bool:
        return self.ended is not None

    @property
    def whole(self) -> bool:
        """Whether every check was asked: a run that another plan has ended early is not."""
        return all(one.done for one in self.checked)

    @property
    def rows(self) -> list[Row]:
        return [row for one in self.checked for row in one.outcome.rows]


Key = tuple[tuple[str, ...], int, int]


class VerifyDesk:
    """For the event loop."""

    def __init__(self, plan: Callable[[], Plan], source: Rows, rooms: Rooms) -> None:
        self._plan, self._source, self._rooms = plan, source, rooms
        self._runs: dict[Key, Run] = {}
        self._turn = asyncio.Lock()

    async def report(self, scope: Scope, *, fresh: bool = False, wait_seconds: float) -> Run:
        """The run of this scope: a remembered one, one under way, or a new one, waited for so long.

        Raises:
            Unavailable: too many others wait for their turn.
        """
        key = (scope.environments, int(scope.span.seconds), scope.project)
        run = self._runs.get(key)
        if run is None or run.plan is not self._plan() or (run.done and (fresh or self._is_old(run))):
            run = self._begin(key, scope)
        if run.task is not None and not run.done:
            await asyncio.wait([run.task], timeout=wait_seconds)
        return run

    async def close(self) -> None:
        """End what is under way."""
        tasks = [run.task for run in self._runs.values() if run.task is not None]
        for task in tasks:
            task.cancel()
        for task in tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task

    def asked(self, scope: Scope) -> Asked:
        """A scope's questions, without a run."""
        plan = self._plan()
        known = plan[environments.SECTION]
        aliases = {alias: name for name, one in known.items() for alias in one.aliases}
        own = {aliases.get(name, name) for name in scope.environments}
        return Asked(plan, scope, own.pop() if len(own) == 1 else "", aliases, self._source, self._rooms)

    def _is_old(self, run: Run) -> bool:
        return run.ended is not None and time.monotonic() - run.ended > REMEMBERED_SECONDS

    def _begin(self, key: Key, scope: Scope) -> Run:
        before = self._runs.get(key)
        if before is not None and before.task is not None:
            before.task.cancel()
        waiting = sum(not run.done for run in self._runs.values())
        if waiting >= WAITING_MAX:
            raise Unavailable(f"{waiting} verifications are under way: ask again in a minute")
        for other in [one for one, run in self._runs.items() if run.done][: max(0, len(self._runs) - RUNS_MAX + 1)]:
            del self._runs[other]
        asked = self.asked(scope)
        run = Run(asked.plan, scope, asked.environment, [Checked(check) for check in all_checks()])
        run.task = asyncio.create_task(self._work(run, asked), name="verify")
        self._runs[key] = run
        return run

    async def _work(self, run: Run, asked: Asked) -> None:
        try:
            async with self._turn:
                for one in run.checked:
                    await _check(one, asked)
        finally:
            run.ended = time.monotonic()


async def _check(one: Checked, asked: Asked) -> None:
    started = time.perf_counter()
    try:
        outcome = await one.check.run(asked)
        one.findings_total, one.rows_total = len(outcome.findings), len(outcome.rows)
        outcome.findings.sort(key=lambda finding: finding.severity)
        del outcome.findings[FINDINGS_MAX:]
        del outcome.rows[ROWS_MAX:]
        one.outcome = outcome
    except MidwatchError as error:
        one.error = str(error)
    except Exception as error:
        # Ours to mend; the other checks are asked all the same.
        log.exception("verify.check_failed", check=one.check.name)
        one.error = f"{type(error).__name__}: this is a bug of Midwatch's; its log says more"
    one.seconds = time.perf_counter() - started
    one.done = True
