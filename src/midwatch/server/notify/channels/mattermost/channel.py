"""Mattermost by an incoming webhook."""

from midwatch.server.notify.channel import Channel, Job, composed
from midwatch.server.notify.channels.mattermost.config import MattermostConfig
from midwatch.server.notify.channels.mattermost.message import message
from midwatch.server.notify.outcome import Outcome
from midwatch.server.notify.request import Request


async def send(job: Job, config: MattermostConfig) -> Outcome:
    value, file = config.webhook_url, config.webhook_url_file
    if not value and not file:
        value = job.globals.text("mattermost_webhook_url")
        file = job.globals.text("mattermost_webhook_url_file")
    url = await job.secret_url(value, file)
    return await job.deliver(Request.json(url, await composed(message, job.told, config)))


CHANNEL = Channel("mattermost", MattermostConfig, send, seconds_between=0.2)
