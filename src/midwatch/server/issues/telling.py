"""Issues that are new, come back or spike, as alerts: they take the routes of every other alert.

Such an alert fires when it happened, and is over an hour later or as soon as somebody takes care of the issue.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence

import structlog

from midwatch.contract.plan.sections.errors import Tell
from midwatch.server.model.alert import ALERT_NAME, Alert
from midwatch.server.model.clock import Clock
from midwatch.server.model.errors import MidwatchError
from midwatch.server.workspace.issue_ledger import ESCALATING, NEW, REGRESSED, Happened, IssueLedger
from midwatch.server.workspace.models.issues import IssueRow

log = structlog.get_logger(__name__)

LOOK_SECONDS = 5.0
AT_ONCE = 100
NAMES = {NEW: "NewIssue", REGRESSED: "RegressedIssue", ESCALATING: "SpikingIssue"}
STANDS_SECONDS = 3600
SUMMARIES = {
    NEW: "New issue: {title}",
    REGRESSED: "An issue that was resolved is back: {title}",
    ESCALATING: "An issue spikes: {title}",
}
Put = Callable[[Sequence[Alert]], Awaitable[None]]


class Telling:
    """`tell`: what the plan wants told, read anew each time; `put`: alerting's desk."""

    def __init__(
        self, ledger: IssueLedger, put: Put, tell: Callable[[], Tell], external_url: Callable[[], str], clock: Clock
    ) -> None:
        self._ledger, self._put, self._tell = ledger, put, tell
        self._external_url, self._clock = external_url, clock
        self._news = asyncio.Event()

    def on_news(self) -> None:
        """There is something to tell."""
        self._news.set()

    async def run(self) -> None:
        """Under a lease, until cancelled: what is owed is told once it is certain that alerting has it."""
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), LOOK_SECONDS)
            self._news.clear()
            try:
                while owed := await self._ledger.owed(limit=AT_ONCE):
                    await self._hand_on(owed)
                    await self._ledger.paid([one.activity_id for one in owed])
            except MidwatchError as error:
                log.warning("issues.telling_retry", error=error.message)

    async def _hand_on(self, happened: Sequence[Happened]) -> None:
        tell = self._tell()
        wanted = {NEW: tell.new, REGRESSED: tell.regressed, ESCALATING: tell.spiking}
        alerts = [
            self._alert(one)
            for one in happened
            if wanted.get(one.kind) and one.issue.severity in (tell.severities or (one.issue.severity,))
        ]
        if alerts:
            await self._put(alerts)

    async def over(self, issues: Sequence[IssueRow]) -> None:
        """Somebody takes care of them: what was told of them is over."""
        now_ns = self._clock.now_ns()
        labels = [_labels(issue, kind) for issue in issues for kind in NAMES]
        await self._put([Alert(one, now_ns, now_ns, updated_at_ns=now_ns) for one in labels])

    def _alert(self, one: Happened) -> Alert:
        now_ns, issue = self._clock.now_ns(), one.issue
        link = f"{self._external_url().rstrip('/')}/errors/{issue.id}"
        annotations = {
            "summary": SUMMARIES[one.kind].format(title=issue.title),
            "description": f"{issue.culprit or issue.type} in {issue.service}"
            + (f", release {issue.last_release}" if issue.last_release else ""),
            **{key: str(value) for key, value in one.data.items() if value},
        }
        ends_ns = now_ns + STANDS_SECONDS * 10**9
        return Alert(_labels(issue, one.kind), now_ns, ends_ns, annotations, link, now_ns)


def _labels(issue: IssueRow, kind: str) -> dict[str, str]:
    found = {
        ALERT_NAME: NAMES[kind],
        "issue": str(issue.id),
        "severity": issue.severity,
        "category": issue.category,
        "service": issue.service,
        "env": issue.environment,
        "type": issue.type,
        "project": str(issue.project),
    }
    return {name: value for name, value in found.items() if value}
