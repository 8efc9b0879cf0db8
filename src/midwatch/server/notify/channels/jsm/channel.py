"""Jira Service Management, which takes Opsgenie's place."""

from midwatch.server.notify.channel import Channel, Job
from midwatch.server.notify.channels.jsm.config import JsmConfig
from midwatch.server.notify.channels.jsm.message import API_URL
from midwatch.server.notify.channels.opsgenie.channel import send_all
from midwatch.server.notify.outcome import Outcome


async def send(job: Job, config: JsmConfig) -> Outcome:
    key = await job.secret(config.api_key, config.api_key_file)
    return await send_all(job, config, config.api_url or API_URL, key)


CHANNEL = Channel("jsm", JsmConfig, send, seconds_between=0.1, acknowledges=True)
