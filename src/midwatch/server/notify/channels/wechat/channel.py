"""WeCom: a token, then the message with it."""

from urllib.parse import quote, urljoin

from midwatch.server.notify.channel import Channel, Job, composed
from midwatch.server.notify.channels.wechat.config import WechatConfig
from midwatch.server.notify.channels.wechat.message import API_URL, message
from midwatch.server.notify.outcome import Outcome, Verdict, judged
from midwatch.server.notify.request import Answer, Request

TEMPORARY = frozenset({-1, 40014, 42001, 45009})
"""Of WeCom's error codes: busy, a token that is invalid or has expired, too often."""


async def send(job: Job, config: WechatConfig) -> Outcome:
    secret = await job.secret(
        config.api_secret or ("" if config.api_secret_file else job.globals.text("wechat_api_secret")),
        config.api_secret_file or ("" if config.api_secret else job.globals.text("wechat_api_secret_file")),
    )
    corporation = config.corp_id or job.globals.text("wechat_api_corp_id")
    api = config.api_url or job.globals.text("wechat_api_url", API_URL)
    api = api if api.endswith("/") else f"{api}/"
    query = f"gettoken?corpid={quote(corporation, safe='')}&corpsecret={quote(secret, safe='')}"
    answer = await job.send(Request("GET", urljoin(api, query)))
    found = answer.json()
    token = found.get("access_token") if isinstance(found, dict) else None
    if not isinstance(token, str) or not token:
        outcome = _judged(job, answer)
        return outcome if outcome.verdict is not Verdict.DELIVERED else Outcome(Verdict.REFUSED, "WeCom gave no token")
    url = urljoin(api, f"message/send?access_token={quote(job.secrets.add(token), safe='')}")
    return _judged(job, await job.send(Request.json(url, await composed(message, job.told, config))))


def _judged(job: Job, answer: Answer) -> Outcome:
    """It answers 200 with an error code for what went wrong."""
    outcome = judged(answer, job.now_seconds)
    found = answer.json()
    code = found.get("errcode") if isinstance(found, dict) else None
    if outcome.verdict is not Verdict.DELIVERED or code in (0, None):
        return outcome
    verdict = Verdict.AGAIN if code in TEMPORARY else Verdict.REFUSED
    return Outcome(verdict, f"WeCom refuses it: {code} {str(found.get('errmsg', ''))[:200]}")


CHANNEL = Channel("wechat", WechatConfig, send, seconds_between=0.5)
