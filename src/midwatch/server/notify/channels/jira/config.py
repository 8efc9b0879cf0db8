"""`jira_configs`: Alertmanager's keys; who asks is in `http_config`."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from midwatch.contract.plan.section import Duration, Model
from midwatch.server.notify.http_config import ChannelConfig, Short, Template, Url

LABELS_MAX = 50


class JiraField(Model):
    template: Template
    enable_update: bool = True
    """Whether an issue that is there gets the new text."""


def _field(name: str) -> Any:
    """A text alone is its template, and the template may be left out."""

    def read(value: Any) -> Any:
        if isinstance(value, str):
            return {"template": value}
        default = f'{{{{ template "jira.default.{name}" . }}}}'
        return {"template": default, **value} if isinstance(value, dict) else value

    return BeforeValidator(read)


class JiraConfig(ChannelConfig):
    api_url: Url = ""
    """With its whole path, as in https://team.atlassian.net/rest/api/3."""
    api_type: Literal["auto", "cloud", "datacenter"] = "auto"
    project: Annotated[Template, Field(min_length=1)]
    summary: Annotated[JiraField, _field("summary")] = JiraField(template='{{ template "jira.default.summary" . }}')
    description: Annotated[JiraField, _field("description")] = JiraField(
        template='{{ template "jira.default.description" . }}'
    )
    labels: tuple[Template, ...] = Field(default=(), max_length=LABELS_MAX)
    priority: Template = '{{ template "jira.default.priority" . }}'
    issue_type: Annotated[Template, Field(min_length=1)]
    resolve_transition: Short = ""
    reopen_transition: Short = ""
    wont_fix_resolution: Short = ""
    reopen_duration: Duration = 0.0
    fields: dict[Short, Any] = Field(default_factory=dict, max_length=200)
    """Other fields, any YAML, their texts rendered."""
