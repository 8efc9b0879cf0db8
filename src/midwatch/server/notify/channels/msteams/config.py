"""`msteams_configs`: Alertmanager's keys. Connectors of Office 365, which Microsoft is switching off: see msteamsv2."""

from pydantic import model_validator

from midwatch.contract.plan.scrape.access import FilePath
from midwatch.server.notify.http_config import ChannelConfig, SecretUrl, Template, one_of


class MsteamsConfig(ChannelConfig):
    webhook_url: SecretUrl = ""
    webhook_url_file: FilePath = ""
    title: Template = '{{ template "msteams.default.title" . }}'
    summary: Template = '{{ template "msteams.default.summary" . }}'
    text: Template = '{{ template "msteams.default.text" . }}'

    @model_validator(mode="after")
    def _one_address(self) -> "MsteamsConfig":
        one_of(self, "webhook_url", "webhook_url_file", needed=True)
        return self
