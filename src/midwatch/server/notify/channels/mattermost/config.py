"""`mattermost_configs`: Alertmanager's keys."""

from typing import Any

from pydantic import Field, model_validator

from midwatch.contract.plan.scrape.access import FilePath
from midwatch.server.notify.channels.slack.config import SlackField
from midwatch.server.notify.http_config import ChannelConfig, SecretUrl, Short, Template, one_of


class MattermostConfig(ChannelConfig):
    webhook_url: SecretUrl = ""
    webhook_url_file: FilePath = ""
    channel: Short = ""
    username: Template = '{{ template "mattermost.default.username" . }}'
    text: Template = '{{ template "mattermost.default.text" . }}'
    fallback: Template = '{{ template "mattermost.default.fallback" . }}'
    color: Template = '{{ template "mattermost.default.color" . }}'
    pretext: Template = ""
    author_name: Template = ""
    author_link: Template = ""
    author_icon: Template = ""
    title: Template = '{{ template "mattermost.default.title" . }}'
    title_link: Template = '{{ template "mattermost.default.titlelink" . }}'
    fields: tuple[SlackField, ...] = Field(default=(), max_length=50)
    thumb_url: Template = ""
    footer: Template = ""
    footer_icon: Template = ""
    image_url: Template = ""
    icon_url: Template = ""
    icon_emoji: Template = ""
    attachments: tuple[dict[str, Any], ...] = Field(default=(), max_length=20)
    """Instead of the one that the keys above make."""
    type: Short = ""
    props: dict[str, Any] = Field(default_factory=dict)
    priority: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_address(self) -> "MattermostConfig":
        one_of(self, "webhook_url", "webhook_url_file")
        return self
