"""Amazon SNS, with requests signed by version 4."""

import os

from midwatch.server.notify.channel import Channel, Job, composed
from midwatch.server.notify.channels.sns.config import SnsConfig
from midwatch.server.notify.channels.sns.message import publish, region_of
from midwatch.server.notify.channels.sns.signature import Keys, signed
from midwatch.server.notify.outcome import Outcome, Verdict, judged

_TOO_OFTEN = (b"<Code>Throttl", b"<Code>RequestLimitExceeded")
"""With status 400."""


async def send(job: Job, config: SnsConfig) -> Outcome:
    keys = await _keys(job, config)
    region = config.sigv4.region or region_of(config, job.told) or _environment("AWS_REGION", "AWS_DEFAULT_REGION")
    if not keys.access_key or not keys.secret_key:
        return Outcome(
            Verdict.REFUSED, "sigv4: expected access_key and secret_key, or AWS_ACCESS_KEY_ID and its secret"
        )
    if not region:
        return Outcome(Verdict.REFUSED, "sigv4: expected a region, or AWS_REGION in the environment")
    domain = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    url = config.api_url or f"https://sns.{region}.{domain}/"
    made = await composed(publish, job.told, config, url)
    answer = await job.send(signed(made, keys, region, "sns", job.now_seconds))
    outcome = judged(answer, job.now_seconds)
    if outcome.verdict is Verdict.REFUSED and any(code in answer.content for code in _TOO_OFTEN):
        return Outcome(Verdict.AGAIN, outcome.error)
    return outcome


async def _keys(job: Job, config: SnsConfig) -> Keys:
    own = config.sigv4
    if own.access_key:
        return Keys(own.access_key, await job.secret(own.secret_key, own.secret_key_file))
    secret = job.secrets.add(_environment("AWS_SECRET_ACCESS_KEY"))
    return Keys(_environment("AWS_ACCESS_KEY_ID"), secret, job.secrets.add(_environment("AWS_SESSION_TOKEN")))


def _environment(*names: str) -> str:
    return next((value for name in names if (value := os.environ.get(name))), "")


CHANNEL = Channel("sns", SnsConfig, send, seconds_between=0.1)
