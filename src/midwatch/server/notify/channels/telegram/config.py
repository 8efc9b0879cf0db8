"""`telegram_configs`: Alertmanager's keys."""

from typing import Literal

from pydantic import model_validator

from midwatch.contract.plan.scrape.access import FilePath, Secret
from midwatch.server.notify.http_config import ChannelConfig, Template, Url, one_of


class TelegramConfig(ChannelConfig):
    api_url: Url = ""
    bot_token: Secret = ""
    bot_token_file: FilePath = ""
    chat_id: int = 0
    chat_id_file: FilePath = ""
    message_thread_id: int = 0
    message: Template = '{{ template "telegram.default.message" . }}'
    disable_notifications: bool = False
    parse_mode: Literal["", "Markdown", "MarkdownV2", "HTML"] = "HTML"

    @model_validator(mode="after")
    def _whom(self) -> "TelegramConfig":
        one_of(self, "bot_token", "bot_token_file")
        one_of(self, "chat_id", "chat_id_file", needed=True)
        return self
