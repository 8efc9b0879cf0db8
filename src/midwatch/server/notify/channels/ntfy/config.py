"""`ntfy_configs`: ours; Alertmanager has no such list."""

from typing import Annotated

from pydantic import Field, model_validator

from midwatch.contract.plan.scrape.access import FilePath, Secret
from midwatch.server.notify.http_config import ChannelConfig, Short, Template, Url, one_of


class NtfyConfig(ChannelConfig):
    url: Url = "https://ntfy.sh"
    """Of the server, without the topic."""
    topic: Annotated[str, Field(pattern=r"^[-_A-Za-z0-9]{1,64}$")]
    token: Secret = ""
    token_file: FilePath = ""
    title: Template = '{{ template "ntfy.default.title" . }}'
    message: Template = '{{ template "ntfy.default.message" . }}'
    priority: Template = ""
    """1 to 5, or min, low, default, high, max. Empty: by the alerts' severity."""
    tags: Short = ""
    """Joined by commas."""

    @model_validator(mode="after")
    def _one_token(self) -> "NtfyConfig":
        one_of(self, "token", "token_file")
        return self
