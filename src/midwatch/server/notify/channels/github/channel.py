"""GitHub: the issue of a group is opened, commented on, and closed."""

from midwatch.server.notify.channel import NOTHING, Channel, Job, composed
from midwatch.server.notify.channels.github.config import GithubConfig
from midwatch.server.notify.channels.github.message import comment, headers, issues_url, mark, opened, search
from midwatch.server.notify.outcome import Outcome, Verdict, judged
from midwatch.server.notify.request import Answer, Request

_GONE = frozenset({404, 410})


async def send(job: Job, config: GithubConfig) -> Outcome:
    token = await job.secret(config.token, config.token_file)
    number = (job.told.receipt or {}).get("number")
    if not isinstance(number, int):
        # Also after a kill between the request and its receipt: the issue that was made then is found by its mark.
        answer = await job.send(search(config, token))
        if answer.status != 200:
            return _judged(job, answer)
        number = _number(answer, mark(job.told))
    if number is None:
        return await _open(job, config, token) if job.told.firing and not job.told.acknowledged else NOTHING
    outcome = await _told(job, config, token, number)
    if outcome is None:
        return await _open(job, config, token) if job.told.firing and not job.told.acknowledged else NOTHING
    return outcome


async def _open(job: Job, config: GithubConfig, token: str) -> Outcome:
    value = await composed(opened, job.told, config)
    answer = await job.send(Request.json(issues_url(config), value, headers(token)))
    found = answer.json()
    number = found.get("number") if isinstance(found, dict) else None
    outcome = _judged(job, answer)
    if outcome.verdict is Verdict.DELIVERED and isinstance(number, int):
        return Outcome(Verdict.DELIVERED, receipt={"number": number})
    return outcome


async def _told(job: Job, config: GithubConfig, token: str, number: int) -> Outcome | None:
    """None: the issue is not there any more."""
    value = await composed(comment, job.told, config)
    answer = await job.send(Request.json(f"{issues_url(config, number)}/comments", value, headers(token)))
    if answer.status in _GONE:
        return None
    outcome = _judged(job, answer)
    if outcome.verdict is not Verdict.DELIVERED or job.told.firing or not config.close:
        return Outcome(outcome.verdict, outcome.error, outcome.retry_after_seconds, receipt={"number": number})
    closing = {"state": "closed", "state_reason": "completed"}
    answer = await job.send(Request.json(issues_url(config, number), closing, headers(token), method="PATCH"))
    outcome = _judged(job, answer)
    return Outcome(outcome.verdict, outcome.error, outcome.retry_after_seconds, receipt={})


def _judged(job: Job, answer: Answer) -> Outcome:
    """403 with no requests left is a rate limit, too."""
    outcome = judged(answer, job.now_seconds)
    if answer.status == 403 and answer.headers.get("x-ratelimit-remaining") == "0":
        until = answer.headers.get("x-ratelimit-reset", "")
        wait = max(1.0, float(until) - job.now_seconds) if until.isdigit() else 60.0
        return Outcome(Verdict.AGAIN, outcome.error, min(wait, 3600.0))
    return outcome


def _number(answer: Answer, marked: str) -> int | None:
    found = answer.json()
    for one in found if isinstance(found, list) else []:
        if isinstance(one, dict) and marked in str(one.get("body") or "") and isinstance(one.get("number"), int):
            return int(one["number"])
    return None


CHANNEL = Channel("github", GithubConfig, send, seconds_between=1.0, acknowledges=True)
