"""`wechat_configs` (WeCom): Alertmanager's keys."""

from typing import Literal

from pydantic import model_validator

from midwatch.contract.plan.scrape.access import FilePath, Secret
from midwatch.server.notify.http_config import ChannelConfig, Short, Template, Url, one_of


class WechatConfig(ChannelConfig):
    send_resolved: bool = False
    api_secret: Secret = ""
    api_secret_file: FilePath = ""
    corp_id: Short = ""
    message: Template = '{{ template "wechat.default.message" . }}'
    api_url: Url = ""
    to_user: Template = '{{ template "wechat.default.to_user" . }}'
    to_party: Template = '{{ template "wechat.default.to_party" . }}'
    to_tag: Template = '{{ template "wechat.default.to_tag" . }}'
    agent_id: Template = '{{ template "wechat.default.agent_id" . }}'
    message_type: Literal["text", "markdown"] = "text"

    @model_validator(mode="after")
    def _one_secret(self) -> "WechatConfig":
        one_of(self, "api_secret", "api_secret_file")
        return self
