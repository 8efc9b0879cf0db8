"""Issues of other people's trackers, made for ours: GitHub's REST API (2022-11-28), GitLab's (v4), a webhook."""

import asyncio
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import httpx

from midwatch._version import __version__
from midwatch.contract.plan.sections.trackers import Tracker, Trackers
from midwatch.server.model.errors import NotFound, Unavailable
from midwatch.server.model.timerange import format_time
from midwatch.server.outgoing.files import FileRefused, PlanFiles
from midwatch.server.outgoing.guarded_http import GuardedTransport
from midwatch.server.outgoing.reach import AddressRefused, Guard, ResolverBusy
from midwatch.server.workspace.models.issues import IssueRow

SECONDS_MAX = 20.0
ANSWER_BYTES_MAX = 256 << 10
TITLE_CHARACTERS_MAX = 250


class TrackerDesk:
    """Implements `MakesIssues` (desk.py); an effect of the plan says which there are."""

    def __init__(self, guard: Guard, files: PlanFiles, external_url: Callable[[], str]) -> None:
        self._guard, self._files, self._external_url = guard, files, external_url
        self._trackers: dict[str, Tracker] = {}

    def configure(self, trackers: Trackers) -> None:
        self._trackers = {one.name: one for one in trackers}

    @property
    def names(self) -> list[str]:
        return list(self._trackers)

    async def make(self, tracker: str, issue: IssueRow) -> tuple[str, str]:
        """See `MakesIssues`."""
        one = self._trackers.get(tracker)
        if one is None:
            known = ", ".join(self._trackers) or "none; add one to `trackers` in the plan"
            raise NotFound(f"cannot find the tracker {tracker}: the plan has {known}")
        title = f"{issue.title}"[:TITLE_CHARACTERS_MAX]
        try:
            token = one.token
            if one.token_file:
                token = (await asyncio.to_thread(self._files.text, one.token_file)).strip()
            address, headers, body = _request(one, token, title, self._text(issue), issue)
            answer = await self._asked(address, headers, body)
        except (FileRefused, AddressRefused, ResolverBusy, httpx.HTTPError, TimeoutError, ValueError) as error:
            raise Unavailable(
                f"cannot make an issue in {tracker}: {str(error) or type(error).__name__}", code="tracker_failed"
            ) from None
        found = answer.get("html_url") or answer.get("web_url") or answer.get("url")
        if not isinstance(found, str) or not found.startswith(("http://", "https://")):
            raise Unavailable(f"cannot make an issue in {tracker}: its answer names no address", code="tracker_failed")
        return found, str(answer.get("title") or title)

    def _text(self, issue: IssueRow) -> str:
        lines = [
            f"**{issue.title}**",
            "",
            f"* where: `{issue.culprit or issue.type}` in {issue.service}",
            f"* severity: {issue.severity}, category: {issue.category}",
            f"* first seen: {format_time(issue.first_ms * 1_000_000)[:19]}Z"
            + (f" in {issue.first_release}" if issue.first_release else ""),
            f"* last seen: {format_time(issue.last_ms * 1_000_000)[:19]}Z"
            + (f" in {issue.last_release}" if issue.last_release else ""),
            "",
            f"{self._external_url().rstrip('/')}/errors/{issue.id}",
        ]
        return "\n".join(lines)

    async def _asked(self, address: str, headers: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
        transport = GuardedTransport(self._guard)
        async with asyncio.timeout(SECONDS_MAX):
            async with httpx.AsyncClient(transport=transport, timeout=SECONDS_MAX, trust_env=False) as client:
                answer = await client.post(address, json=body, headers=headers)
        if len(answer.content) > ANSWER_BYTES_MAX:
            raise ValueError("the answer is too long")
        if not answer.is_success:
            raise ValueError(f"it answered {answer.status_code}: {answer.text[:200]}")
        found = answer.json()
        return found if isinstance(found, dict) else {}


def _request(
    tracker: Tracker, token: str, title: str, text: str, issue: IssueRow
) -> tuple[str, dict[str, str], dict[str, Any]]:
    headers = {"user-agent": f"midwatch/{__version__}"}
    if tracker.kind == "github":
        headers |= {"accept": "application/vnd.github+json", "x-github-api-version": "2022-11-28"}
        if token:
            headers["authorization"] = f"Bearer {token}"
        body: dict[str, Any] = {"title": title, "body": text, "labels": list(tracker.labels)}
        return f"{tracker.base}/repos/{tracker.repository}/issues", headers, body
    if tracker.kind == "gitlab":
        if token:
            headers["private-token"] = token
        body = {"title": title, "description": text, "labels": ",".join(tracker.labels)}
        return f"{tracker.base}/projects/{quote(tracker.repository, safe='')}/issues", headers, body
    if token:
        headers["authorization"] = f"Bearer {token}"
    body = {
        "title": title,
        "body": text,
        "labels": list(tracker.labels),
        "issue": {
            "id": issue.id,
            "type": issue.type,
            "value": issue.value,
            "culprit": issue.culprit,
            "service": issue.service,
            "severity": issue.severity,
            "category": issue.category,
            "first_release": issue.first_release,
        },
    }
    return tracker.base, headers, body
