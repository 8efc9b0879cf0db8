"""Opsgenie: an alert a group, closed and acknowledged by its alias. Atlassian ends it in April 2027: see jsm."""

from midwatch.server.notify.channel import Channel, Job, composed
from midwatch.server.notify.channels.opsgenie.config import OpsgenieConfig
from midwatch.server.notify.channels.opsgenie.message import API_URL, requests
from midwatch.server.notify.outcome import Outcome, Verdict

_CLOSED_ALREADY = frozenset({404})


async def send(job: Job, config: OpsgenieConfig) -> Outcome:
    key = await job.secret(
        config.api_key or ("" if config.api_key_file else job.globals.text("opsgenie_api_key")),
        config.api_key_file or ("" if config.api_key else job.globals.text("opsgenie_api_key_file")),
    )
    return await send_all(job, config, config.api_url or job.globals.text("opsgenie_api_url", API_URL), key)


async def send_all(job: Job, config: OpsgenieConfig, api_url: str, key: str) -> Outcome:
    """The first that does not succeed decides."""
    outcome = Outcome(Verdict.DELIVERED)
    for request in await composed(requests, job.told, config, api_url, key):
        # An alert that is not there any more needs no closing.
        done = _CLOSED_ALREADY if not job.told.firing or job.told.acknowledged else frozenset()
        outcome = await job.deliver(request, delivered=done)
        if outcome.verdict is not Verdict.DELIVERED:
            break
    return outcome


CHANNEL = Channel("opsgenie", OpsgenieConfig, send, seconds_between=0.1, acknowledges=True)
