"""Any program that takes Alertmanager's webhook."""

from midwatch.server.model.notification import Reason
from midwatch.server.notify.channel import NOTHING, REQUEST_SECONDS, Channel, Job, composed
from midwatch.server.notify.channels.webhook.config import WebhookConfig
from midwatch.server.notify.channels.webhook.message import request
from midwatch.server.notify.connection import Unreachable
from midwatch.server.notify.outcome import Outcome, Verdict

_BEGINNINGS = frozenset({Reason.FIRST, Reason.NEW_ALERTS, Reason.ESCALATION})


async def send(job: Job, config: WebhookConfig) -> Outcome:
    if config.recovery and (not job.told.firing or job.told.notification.reason not in _BEGINNINGS):
        return NOTHING
    job.request_seconds = config.timeout or REQUEST_SECONDS
    url = await job.secret_url(config.url, config.url_file)
    secret = await job.secret(config.secret, config.secret_file) if config.secret or config.secret_file else ""
    made = await composed(request, job.told, config, url, secret, job.now_seconds)
    if not config.recovery:
        return await job.deliver(made)
    try:
        outcome = await job.deliver(made)
    except Unreachable as error:
        outcome = Outcome(Verdict.REFUSED, f"the recovery hook did not answer: {error}")
    # Nobody knows what a hook did before it failed: it is not called twice.
    return Outcome(Verdict.REFUSED, outcome.error) if outcome.verdict is Verdict.AGAIN else outcome


CHANNEL = Channel("webhook", WebhookConfig, send)
