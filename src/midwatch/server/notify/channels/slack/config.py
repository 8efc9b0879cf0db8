"""`slack_configs`: Alertmanager's keys; `signing_secret` makes the bot's buttons work."""

from typing import Annotated

from pydantic import Field, model_validator

from midwatch.contract.plan.scrape.access import FilePath, Secret
from midwatch.contract.plan.section import Duration, Model
from midwatch.server.notify.http_config import ChannelConfig, SecretUrl, Short, Template, Url, one_of

POST_MESSAGE = "https://slack.com/api/chat.postMessage"
_Required = Annotated[str, Field(min_length=1, max_length=2000)]


class Confirm(Model):
    text: _Required
    title: Short = ""
    ok_text: Short = ""
    dismiss_text: Short = ""


class SlackAction(Model):
    type: _Required
    text: _Required
    url: Short = ""
    style: Short = ""
    name: Short = ""
    value: Short = ""
    confirm: Confirm | None = None

    @model_validator(mode="after")
    def _leads_somewhere(self) -> "SlackAction":
        if not self.url and not self.name:
            raise ValueError("expected url or name")
        return self


class SlackField(Model):
    title: _Required
    value: Annotated[str, Field(min_length=1, max_length=20_000)]
    short: bool | None = None


class SlackConfig(ChannelConfig):
    send_resolved: bool = False
    api_url: SecretUrl = ""
    api_url_file: FilePath = ""
    app_token: Secret = ""
    app_token_file: FilePath = ""
    app_url: Url = ""
    channel: Short = ""
    username: Template = '{{ template "slack.default.username" . }}'
    color: Template = '{{ template "slack.default.color" . }}'
    title: Template = '{{ template "slack.default.title" . }}'
    title_link: Template = '{{ template "slack.default.titlelink" . }}'
    pretext: Template = '{{ template "slack.default.pretext" . }}'
    text: Template = '{{ template "slack.default.text" . }}'
    message_text: Template = ""
    fields: tuple[SlackField, ...] = Field(default=(), max_length=50)
    short_fields: bool = False
    footer: Template = '{{ template "slack.default.footer" . }}'
    fallback: Template = '{{ template "slack.default.fallback" . }}'
    callback_id: Template = '{{ template "slack.default.callbackid" . }}'
    icon_emoji: Template = '{{ template "slack.default.iconemoji" . }}'
    icon_url: Template = '{{ template "slack.default.iconurl" . }}'
    image_url: Template = ""
    thumb_url: Template = ""
    link_names: bool = False
    mrkdwn_in: tuple[Short, ...] = ()
    actions: tuple[SlackAction, ...] = Field(default=(), max_length=20)
    update_message: bool = False
    timeout: Duration = 0.0
    signing_secret: Secret = ""
    """Of the Slack app: buttons Acknowledge and Silence under each message of its bot."""
    signing_secret_file: FilePath = ""

    @model_validator(mode="after")
    def _one_way(self) -> "SlackConfig":
        one_of(self, "api_url", "api_url_file", "app_token", "app_token_file")
        one_of(self, "signing_secret", "signing_secret_file")
        if self.update_message and self.api_url and self.api_url != POST_MESSAGE:
            raise ValueError(f"update_message: expected app_token, or api_url: {POST_MESSAGE}: a webhook cannot update")
        return self
