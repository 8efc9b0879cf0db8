"""Slack: an incoming webhook, or a bot, which updates its message in place and has buttons."""

from urllib.parse import urljoin

from midwatch.server.notify.channel import NOTHING, REQUEST_SECONDS, Channel, Job, composed
from midwatch.server.notify.channels.slack.config import POST_MESSAGE, SlackConfig
from midwatch.server.notify.channels.slack.message import message
from midwatch.server.notify.outcome import Outcome, Verdict, judged
from midwatch.server.notify.request import Answer, Request

TEMPORARY = frozenset(
    {"ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"}
)
"""Of the errors of Slack's Web API."""
_GONE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})


async def send(job: Job, config: SlackConfig) -> Outcome:
    job.request_seconds = config.timeout or REQUEST_SECONDS
    token_value, token_file = config.app_token, config.app_token_file
    if not any((token_value, token_file, config.api_url, config.api_url_file)):
        token_value, token_file = job.globals.text("slack_app_token"), job.globals.text("slack_app_token_file")
    if token_value or token_file or config.api_url == POST_MESSAGE:
        return await _as_bot(job, config, token_value, token_file)
    if job.told.acknowledged:
        return NOTHING
    url = await job.secret_url(
        config.api_url or ("" if config.api_url_file else job.globals.text("slack_api_url")),
        config.api_url_file or ("" if config.api_url else job.globals.text("slack_api_url_file")),
    )
    value = await composed(lambda: message(job.told, config, buttons=False))
    return await job.deliver(Request.json(url, value))


async def _as_bot(job: Job, config: SlackConfig, token_value: str, token_file: str) -> Outcome:
    headers = {"content-type": "application/json; charset=utf-8"}
    if token_value or token_file:
        headers["authorization"] = f"Bearer {await job.secret(token_value, token_file)}"
    buttons = bool(config.signing_secret or config.signing_secret_file)
    value = await composed(lambda: message(job.told, config, buttons=buttons))
    post = config.app_url or job.globals.text("slack_app_url", POST_MESSAGE)
    receipt = job.told.receipt or {}
    if (config.update_message or job.told.acknowledged) and receipt.get("ts"):
        update = {**value, "channel": receipt["channel"], "ts": receipt["ts"]}
        answer = await job.send(Request.json(urljoin(post, "chat.update"), update, headers))
        if _error(answer) not in _GONE:
            return _judged(job, answer, keep=not _over(job))
    if job.told.acknowledged:
        return NOTHING
    answer = await job.send(Request.json(post, value, headers))
    return _judged(job, answer, keep=not _over(job))


def _over(job: Job) -> bool:
    """The next message about this group is a new one."""
    return not job.told.firing


def _judged(job: Job, answer: Answer, *, keep: bool) -> Outcome:
    """Slack answers 200 with `ok: false` for what went wrong."""
    by_status = judged(answer, job.now_seconds)
    if by_status.verdict is not Verdict.DELIVERED:
        return by_status
    found = answer.json()
    if not isinstance(found, dict):
        return Outcome(Verdict.AGAIN, f"expected JSON from Slack: {answer.text(100)}")
    if found.get("ok") is True:
        receipt = {"ts": str(found.get("ts", "")), "channel": str(found.get("channel", ""))}
        return Outcome(Verdict.DELIVERED, receipt=receipt if keep and receipt["ts"] else {})
    error = _error(answer)
    return Outcome(Verdict.AGAIN if error in TEMPORARY else Verdict.REFUSED, f"Slack refuses it: {error}")


def _error(answer: Answer) -> str:
    found = answer.json()
    return str(found.get("error", "")) if isinstance(found, dict) and found.get("ok") is False else ""


CHANNEL = Channel("slack", SlackConfig, send, seconds_between=1.0, acknowledges=True)
