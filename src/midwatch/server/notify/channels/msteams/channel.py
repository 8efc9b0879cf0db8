"""Microsoft Teams by a connector of Office 365."""

from midwatch.server.notify.channel import Channel, Job, composed
from midwatch.server.notify.channels.msteams.config import MsteamsConfig
from midwatch.server.notify.channels.msteams.message import card
from midwatch.server.notify.outcome import Outcome, Verdict, judged
from midwatch.server.notify.request import Request


async def send(job: Job, config: MsteamsConfig) -> Outcome:
    url = await job.secret_url(config.webhook_url, config.webhook_url_file)
    answer = await job.send(Request.json(url, await composed(card, job.told, config)))
    outcome = judged(answer, job.now_seconds)
    # A connector answers 200 and says in the text that Teams itself did not take it.
    if outcome.verdict is Verdict.DELIVERED and b"HTTP error 429" in answer.content:
        return Outcome(Verdict.AGAIN, "Teams has too many requests")
    return outcome


CHANNEL = Channel("msteams", MsteamsConfig, send, seconds_between=0.25)
