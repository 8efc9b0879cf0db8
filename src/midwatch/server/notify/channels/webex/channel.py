"""Webex by a bot."""

from midwatch.server.notify.channel import Channel, Job, composed
from midwatch.server.notify.channels.webex.config import WebexConfig
from midwatch.server.notify.channels.webex.message import API_URL, message
from midwatch.server.notify.outcome import Outcome
from midwatch.server.notify.request import Request


async def send(job: Job, config: WebexConfig) -> Outcome:
    url = config.api_url or job.globals.text("webex_api_url", API_URL)
    return await job.deliver(Request.json(url, await composed(message, job.told, config)))


CHANNEL = Channel("webex", WebexConfig, send, seconds_between=0.2)
