"""`apprise_configs`: ours; any service that Apprise knows, by its URLs."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from midwatch.contract.plan.scrape.access import FilePath, Secret
from midwatch.server.notify.http_config import ChannelConfig, Template, one_of

URLS_MAX = 20


class AppriseConfig(ChannelConfig):
    url: Secret = ""
    """As in Apprise's documentation: `mailgun://…`, `twilio://…`."""
    url_file: FilePath = ""
    urls: tuple[Annotated[Secret, Field(min_length=1)], ...] = Field(default=(), max_length=URLS_MAX)
    title: Template = '{{ template "apprise.default.title" . }}'
    message: Template = '{{ template "apprise.default.message" . }}'
    format: Literal["text", "markdown", "html"] = "text"

    @model_validator(mode="after")
    def _one_way(self) -> "AppriseConfig":
        one_of(self, "url", "url_file", "urls", needed=True)
        return self
