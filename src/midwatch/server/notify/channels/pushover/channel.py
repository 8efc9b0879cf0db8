"""Pushover."""

from midwatch.server.notify.channel import Channel, Job, composed
from midwatch.server.notify.channels.pushover.config import PushoverConfig
from midwatch.server.notify.channels.pushover.message import API_URL, form
from midwatch.server.notify.outcome import Outcome
from midwatch.server.notify.request import Request


async def send(job: Job, config: PushoverConfig) -> Outcome:
    user = await job.secret(config.user_key, config.user_key_file)
    token = await job.secret(config.token, config.token_file)
    url = job.globals.text("pushover_api_url", API_URL)
    return await job.deliver(Request.form(url, await composed(form, job.told, config, user, token)))


CHANNEL = Channel("pushover", PushoverConfig, send, seconds_between=0.5)
