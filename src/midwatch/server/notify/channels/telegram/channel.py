"""Telegram by a bot."""

from midwatch.server.notify.channel import Channel, Job, composed
from midwatch.server.notify.channels.telegram.config import TelegramConfig
from midwatch.server.notify.channels.telegram.message import message
from midwatch.server.notify.outcome import Outcome, Verdict, judged
from midwatch.server.notify.request import Request

API_URL = "https://api.telegram.org"


async def send(job: Job, config: TelegramConfig) -> Outcome:
    token = await job.secret(
        config.bot_token or ("" if config.bot_token_file else job.globals.text("telegram_bot_token")),
        config.bot_token_file or ("" if config.bot_token else job.globals.text("telegram_bot_token_file")),
    )
    chat = str(config.chat_id) if config.chat_id else await job.secret("", config.chat_id_file)
    api = (config.api_url or job.globals.text("telegram_api_url", API_URL)).rstrip("/")
    value = await composed(message, job.told, config, chat)
    answer = await job.send(Request.json(f"{api}/bot{token}/sendMessage", value))
    outcome = judged(answer, job.now_seconds)
    found = answer.json()
    parameters = found.get("parameters") if isinstance(found, dict) else None
    wait = parameters.get("retry_after") if isinstance(parameters, dict) else None
    if outcome.verdict is Verdict.AGAIN and isinstance(wait, int):
        return Outcome(Verdict.AGAIN, outcome.error, float(max(wait, 0)))
    return outcome


CHANNEL = Channel("telegram", TelegramConfig, send, seconds_between=1.0)
