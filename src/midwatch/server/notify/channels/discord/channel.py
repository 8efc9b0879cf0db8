"""Discord by a channel's webhook."""

from midwatch.server.notify.channel import Channel, Job, composed
from midwatch.server.notify.channels.discord.config import DiscordConfig
from midwatch.server.notify.channels.discord.message import message
from midwatch.server.notify.outcome import RETRY_AFTER_SECONDS_MAX, Outcome, Verdict, judged
from midwatch.server.notify.request import Request


async def send(job: Job, config: DiscordConfig) -> Outcome:
    url = await job.secret_url(config.webhook_url, config.webhook_url_file)
    answer = await job.send(Request.json(url, await composed(message, job.told, config)))
    outcome = judged(answer, job.now_seconds)
    found = answer.json()
    # Its Retry-After is in whole seconds; the text has it to the millisecond.
    wait = found.get("retry_after") if answer.status == 429 and isinstance(found, dict) else None
    if isinstance(wait, int | float) and outcome.verdict is Verdict.AGAIN and wait >= 0:
        return Outcome(Verdict.AGAIN, outcome.error, min(float(wait), RETRY_AFTER_SECONDS_MAX))
    return outcome


CHANNEL = Channel("discord", DiscordConfig, send, seconds_between=0.5)
