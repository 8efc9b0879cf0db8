"""ntfy, its own server or ntfy.sh."""

from midwatch.server.notify.channel import Channel, Job, composed
from midwatch.server.notify.channels.ntfy.config import NtfyConfig
from midwatch.server.notify.channels.ntfy.message import message
from midwatch.server.notify.outcome import Outcome
from midwatch.server.notify.request import Request


async def send(job: Job, config: NtfyConfig) -> Outcome:
    headers = {}
    if config.token or config.token_file:
        headers["authorization"] = f"Bearer {await job.secret(config.token, config.token_file)}"
    return await job.deliver(Request.json(config.url, await composed(message, job.told, config), headers))


CHANNEL = Channel("ntfy", NtfyConfig, send, seconds_between=0.2)
