"""`discord_configs`: Alertmanager's keys."""

from pydantic import model_validator

from midwatch.contract.plan.scrape.access import FilePath
from midwatch.server.notify.http_config import ChannelConfig, SecretUrl, Short, Template, one_of


class DiscordConfig(ChannelConfig):
    webhook_url: SecretUrl = ""
    webhook_url_file: FilePath = ""
    content: Template = '{{ template "discord.default.content" . }}'
    title: Template = '{{ template "discord.default.title" . }}'
    message: Template = '{{ template "discord.default.message" . }}'
    username: Short = ""
    avatar_url: Short = ""

    @model_validator(mode="after")
    def _one_address(self) -> "DiscordConfig":
        one_of(self, "webhook_url", "webhook_url_file", needed=True)
        return self
