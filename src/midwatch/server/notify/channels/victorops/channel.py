"""Splunk On-Call, which was VictorOps."""

from midwatch.server.notify.channel import Channel, Job, composed
from midwatch.server.notify.channels.victorops.config import VictoropsConfig
from midwatch.server.notify.channels.victorops.message import API_URL, request
from midwatch.server.notify.outcome import Outcome


async def send(job: Job, config: VictoropsConfig) -> Outcome:
    key = await job.secret(
        config.api_key or ("" if config.api_key_file else job.globals.text("victorops_api_key")),
        config.api_key_file or ("" if config.api_key else job.globals.text("victorops_api_key_file")),
    )
    api_url = config.api_url or job.globals.text("victorops_api_url", API_URL)
    return await job.deliver(await composed(request, job.told, config, api_url, key))


CHANNEL = Channel("victorops", VictoropsConfig, send, seconds_between=0.2, acknowledges=True)
