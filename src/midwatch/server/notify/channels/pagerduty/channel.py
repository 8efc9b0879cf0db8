"""PagerDuty: an incident a group, triggered, acknowledged and resolved by the same key."""

from midwatch.server.notify.channel import REQUEST_SECONDS, Channel, Job, composed
from midwatch.server.notify.channels.pagerduty.config import PagerdutyConfig
from midwatch.server.notify.channels.pagerduty.message import V1_URL, V2_URL, event, generic_event
from midwatch.server.notify.outcome import Outcome
from midwatch.server.notify.request import Request


async def send(job: Job, config: PagerdutyConfig) -> Outcome:
    job.request_seconds = config.timeout or REQUEST_SECONDS
    if config.service_key or config.service_key_file:
        key = await job.secret(config.service_key, config.service_key_file)
        value = await composed(generic_event, job.told, config, key)
        url = config.url or V1_URL
    else:
        key = await job.secret(config.routing_key, config.routing_key_file)
        value = await composed(event, job.told, config, key)
        url = config.url or job.globals.text("pagerduty_url", V2_URL)
    return await job.deliver(Request.json(url, value))


CHANNEL = Channel("pagerduty", PagerdutyConfig, send, seconds_between=0.05, acknowledges=True)
