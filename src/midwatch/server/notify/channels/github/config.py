"""`github_configs`: ours; an issue a group, as a ticket."""

from typing import Annotated

from pydantic import Field, model_validator

from midwatch.contract.plan.scrape.access import FilePath, Secret
from midwatch.server.notify.http_config import ChannelConfig, Short, Template, Url, one_of


class GithubConfig(ChannelConfig):
    repository: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,39}/[A-Za-z0-9._-]{1,100}$")]
    token: Secret = ""
    """Fine-grained, with "Issues: read and write" of this one repository."""
    token_file: FilePath = ""
    api_url: Url = "https://api.github.com"
    title: Template = '{{ template "github.default.title" . }}'
    body: Template = '{{ template "github.default.body" . }}'
    labels: tuple[Short, ...] = Field(default=("alert",), max_length=20)
    assignees: tuple[Short, ...] = Field(default=(), max_length=10)
    close: bool = True
    """When everything is resolved."""

    @model_validator(mode="after")
    def _one_token(self) -> "GithubConfig":
        one_of(self, "token", "token_file", needed=True)
        return self
