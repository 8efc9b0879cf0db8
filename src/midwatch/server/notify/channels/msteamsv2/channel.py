"""Microsoft Teams by a workflow."""

from midwatch.server.notify.channel import Channel, Job, composed
from midwatch.server.notify.channels.msteamsv2.config import Msteamsv2Config
from midwatch.server.notify.channels.msteamsv2.message import message
from midwatch.server.notify.outcome import Outcome
from midwatch.server.notify.request import Request


async def send(job: Job, config: Msteamsv2Config) -> Outcome:
    url = await job.secret_url(config.webhook_url, config.webhook_url_file)
    return await job.deliver(Request.json(url, await composed(message, job.told, config)))


CHANNEL = Channel("msteamsv2", Msteamsv2Config, send, seconds_between=0.25)
