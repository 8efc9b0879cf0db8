"""`msteamsv2_configs`: Alertmanager's keys. Workflows of Power Automate, which take connectors' place."""

from pydantic import model_validator

from midwatch.contract.plan.scrape.access import FilePath
from midwatch.server.notify.http_config import ChannelConfig, SecretUrl, Template, one_of


class Msteamsv2Config(ChannelConfig):
    webhook_url: SecretUrl = ""
    webhook_url_file: FilePath = ""
    title: Template = '{{ template "msteamsv2.default.title" . }}'
    text: Template = '{{ template "msteamsv2.default.text" . }}'

    @model_validator(mode="after")
    def _one_address(self) -> "Msteamsv2Config":
        one_of(self, "webhook_url", "webhook_url_file", needed=True)
        return self
