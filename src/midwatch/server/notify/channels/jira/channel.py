"""Jira: the issue of a group is made, kept up to date, moved on when all is resolved, and opened again."""

from typing import Any, NamedTuple

from midwatch.server.notify.channel import NOTHING, Channel, Job, composed
from midwatch.server.notify.channels.jira.config import JiraConfig
from midwatch.server.notify.channels.jira.message import created, search, transition, transitions, updated
from midwatch.server.notify.outcome import Outcome, Verdict, judged
from midwatch.server.notify.request import Answer

DONE = "done"
"""Jira's key for the category of every status that ends an issue."""


class _Issue(NamedTuple):
    key: str
    category: str
    """Of its status; empty where Jira does not say."""


async def send(job: Job, config: JiraConfig) -> Outcome:
    api_url = config.api_url or job.globals.text("jira_api_url")
    answer = await job.send(await composed(search, job.told, config, api_url))
    if answer.status != 200:
        return judged(answer, job.now_seconds)
    # Also after a kill between the request and its record: the issue that was made then is found by its label.
    issue = _found(answer)
    if issue is None:
        if not job.told.firing:
            return NOTHING
        return await job.deliver(await composed(created, job.told, config, api_url))
    outcome = await job.deliver(await composed(updated, job.told, config, api_url, issue.key))
    if outcome.verdict is not Verdict.DELIVERED:
        return outcome
    wanted = config.reopen_transition if job.told.firing else config.resolve_transition
    if not wanted or not issue.category or (issue.category == DONE) is not job.told.firing:
        return outcome
    return await _moved(job, api_url, issue.key, wanted)


async def _moved(job: Job, api_url: str, key: str, wanted: str) -> Outcome:
    answer = await job.send(transitions(api_url, key))
    if answer.status != 200:
        return judged(answer, job.now_seconds)
    known = {str(one.get("name")): str(one.get("id")) for one in _listed(answer, "transitions")}
    if wanted not in known:
        names = ", ".join(known) or "none"
        return Outcome(Verdict.REFUSED, f"{key} has no transition {wanted}: expected one of {names}"[:500])
    return await job.deliver(transition(api_url, key, known[wanted]))


def _found(answer: Answer) -> _Issue | None:
    for one in _listed(answer, "issues"):
        value: Any = one.get("fields")
        for name in ("status", "statusCategory", "key"):
            value = value.get(name) if isinstance(value, dict) else None
        if isinstance(one.get("key"), str):
            return _Issue(one["key"], str(value or ""))
    return None


def _listed(answer: Answer, name: str) -> list[dict[str, Any]]:
    found = answer.json()
    values = found.get(name) if isinstance(found, dict) else None
    return [one for one in values if isinstance(one, dict)] if isinstance(values, list) else []


CHANNEL = Channel("jira", JiraConfig, send, seconds_between=0.2)
