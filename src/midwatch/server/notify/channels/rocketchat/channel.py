"""Rocket.Chat by a personal access token."""

from urllib.parse import urljoin

from midwatch.server.notify.channel import Channel, Job, composed
from midwatch.server.notify.channels.rocketchat.config import RocketchatConfig
from midwatch.server.notify.channels.rocketchat.message import API_URL, message
from midwatch.server.notify.outcome import Outcome
from midwatch.server.notify.request import Request


async def send(job: Job, config: RocketchatConfig) -> Outcome:
    headers = {}
    for header, name in (("x-auth-token", "token"), ("x-user-id", "token_id")):
        value, file = getattr(config, name), getattr(config, f"{name}_file")
        if not value and not file:
            value, file = job.globals.text(f"rocketchat_{name}"), job.globals.text(f"rocketchat_{name}_file")
        headers[header] = await job.secret(value, file)
    api = config.api_url or job.globals.text("rocketchat_api_url", API_URL)
    url = urljoin(api if api.endswith("/") else f"{api}/", "api/v1/chat.postMessage")
    return await job.deliver(Request.json(url, await composed(message, job.told, config), headers))


CHANNEL = Channel("rocketchat", RocketchatConfig, send, seconds_between=0.5)
