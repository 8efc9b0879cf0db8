"""Jira's REST API, versions 2 and 3: an issue a group, told by a label that Alertmanager gives it, too."""

import json
from typing import Any
from urllib.parse import quote, urlsplit

from midwatch.server.notify.channels.jira.config import JiraConfig
from midwatch.server.notify.request import Request, cut
from midwatch.server.notify.told import Told

SUMMARY_CHARACTERS_MAX = 255
DESCRIPTION_CHARACTERS_MAX = 32_767
DOCUMENT_CHARACTERS_MAX = 16_000
"""Of a text that is made a document: its nodes count, too."""
LABEL_CHARACTERS_MAX = 255
_HEADERS = {"accept-language": "en"}
"""Names of transitions are translated."""


def mark(told: Told) -> str:
    return f"ALERT{{{told.key}}}"


def search(told: Told, config: JiraConfig, api_url: str) -> Request:
    """The group's issue: one that is not done, or, where it is to be opened again, was not done until lately."""
    minutes = int(config.reopen_duration // 60)
    parts = []
    if config.wont_fix_resolution:
        parts.append(f"(resolution is EMPTY or resolution != {json.dumps(config.wont_fix_resolution)})")
    if told.firing and config.reopen_transition and minutes:
        parts.append(f"(resolutiondate is EMPTY OR resolutiondate >= -{minutes}m)")
    else:
        parts.append("statusCategory != Done")
    project = told.text(config.project, otherwise="")
    parts += [f"project={json.dumps(project)}", f"labels={json.dumps(mark(told))}"]
    jql = f"{' and '.join(parts)} order by status ASC,resolutiondate DESC"
    return Request.json(_search_url(config, api_url), {"jql": jql, "maxResults": 2, "fields": ["status"]}, _HEADERS)


def _search_url(config: JiraConfig, api_url: str) -> str:
    """Jira's cloud has another search than its data center, and it is in version 3 alone."""
    host = urlsplit(api_url).hostname or ""
    if config.api_type == "cloud" or (config.api_type == "auto" and host.endswith("atlassian.net")):
        return _at(api_url, "search/jql").replace("/rest/api/2/", "/rest/api/3/", 1)
    return _at(api_url, "search")


def created(told: Told, config: JiraConfig, api_url: str) -> Request:
    return Request.json(_at(api_url, "issue"), {"fields": _fields(told, config, api_url)}, _HEADERS)


def updated(told: Told, config: JiraConfig, api_url: str, key: str) -> Request:
    fields = _fields(told, config, api_url)
    for name, field in (("summary", config.summary), ("description", config.description)):
        if not field.enable_update:
            fields.pop(name, None)
    return Request.json(_issue(api_url, key), {"fields": fields}, _HEADERS, method="PUT")


def transitions(api_url: str, key: str) -> Request:
    return Request("GET", f"{_issue(api_url, key)}/transitions", _HEADERS)


def transition(api_url: str, key: str, id_: str) -> Request:
    return Request.json(f"{_issue(api_url, key)}/transitions", {"transition": {"id": id_}}, _HEADERS)


def _fields(told: Told, config: JiraConfig, api_url: str) -> dict[str, Any]:
    labels = [told.text(label, otherwise=label) for label in config.labels]
    fields: dict[str, Any] = {
        "project": {"key": told.text(config.project, otherwise="")},
        "issuetype": {"name": told.text(config.issue_type, otherwise="")},
        "summary": cut(" ".join(told.headline(config.summary.template).split()), SUMMARY_CHARACTERS_MAX) or "alert",
        # A label of Jira's has no spaces.
        "labels": sorted({*(cut("_".join(one.split()), LABEL_CHARACTERS_MAX) for one in labels), mark(told)} - {""}),
    }
    if description := _description(told, config, api_url):
        fields["description"] = description
    if priority := told.text(config.priority, otherwise="").strip():
        fields["priority"] = {"name": priority}
    fields |= told.nested(config.fields)
    return fields


def _description(told: Told, config: JiraConfig, api_url: str) -> Any:
    """Version 3 takes Atlassian's document format: what is none is made one, a paragraph a line."""
    text = told.text(config.description.template).strip()
    if not api_url.rstrip("/").endswith("/3"):
        return cut(text, DESCRIPTION_CHARACTERS_MAX)
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        document = None
    if isinstance(document, dict):
        return document
    lines = cut(text, DOCUMENT_CHARACTERS_MAX).splitlines()
    paragraphs = [{"type": "paragraph", "content": [{"type": "text", "text": line}]} for line in lines if line.strip()]
    return {"type": "doc", "version": 1, "content": paragraphs} if paragraphs else None


def _issue(api_url: str, key: str) -> str:
    return _at(api_url, f"issue/{quote(key, safe='')}")


def _at(api_url: str, path: str) -> str:
    return f"{api_url.rstrip('/')}/{path}"
