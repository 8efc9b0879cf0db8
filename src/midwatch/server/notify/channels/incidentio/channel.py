"""incident.io by an alert source."""

from midwatch.server.notify.channel import REQUEST_SECONDS, Channel, Job, composed
from midwatch.server.notify.channels.incidentio.config import IncidentioConfig
from midwatch.server.notify.channels.incidentio.message import body
from midwatch.server.notify.outcome import Outcome
from midwatch.server.notify.request import Request


async def send(job: Job, config: IncidentioConfig) -> Outcome:
    job.request_seconds = config.timeout or REQUEST_SECONDS
    headers = {}
    if config.alert_source_token or config.alert_source_token_file:
        token = await job.secret(config.alert_source_token, config.alert_source_token_file)
        headers["authorization"] = f"Bearer {token}"
    url = await job.secret_url(config.url, config.url_file)
    return await job.deliver(Request.json(url, await composed(body, job.told, config), headers))


CHANNEL = Channel("incidentio", IncidentioConfig, send, seconds_between=0.2)
