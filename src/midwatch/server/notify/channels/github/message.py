"""GitHub's REST API for issues (2022-11-28). A mark in the body tells the issue of a group."""

from typing import Any
from urllib.parse import quote

from midwatch.server.notify.channels.github.config import GithubConfig
from midwatch.server.notify.request import Request, cut
from midwatch.server.notify.told import Told

TITLE_CHARACTERS_MAX = 256
BODY_CHARACTERS_MAX = 60_000
"""GitHub takes 65,536."""
LOOKED_AT = 100
"""Open issues with the configured labels, the newest, in which an issue of the group is looked for."""


def mark(told: Told) -> str:
    return f"<!-- midwatch:{told.key} -->"


def headers(token: str) -> dict[str, str]:
    return {
        "authorization": f"Bearer {token}",
        "accept": "application/vnd.github+json",
        "x-github-api-version": "2022-11-28",
    }


def issues_url(config: GithubConfig, number: int | None = None) -> str:
    base = f"{config.api_url.rstrip('/')}/repos/{config.repository}/issues"
    return base if number is None else f"{base}/{number}"


def search(config: GithubConfig, token: str) -> Request:
    labels = f"&labels={quote(','.join(config.labels), safe=',')}" if config.labels else ""
    url = f"{issues_url(config)}?state=open&sort=created&direction=desc&per_page={LOOKED_AT}{labels}"
    return Request("GET", url, headers(token))


def opened(told: Told, config: GithubConfig) -> dict[str, Any]:
    made = {
        "title": cut(told.headline(config.title), TITLE_CHARACTERS_MAX) or "alert",
        "body": f"{cut(told.text(config.body), BODY_CHARACTERS_MAX)}\n\n{mark(told)}",
        "labels": [told.text(label, otherwise=label) for label in config.labels],
        "assignees": list(config.assignees),
    }
    return {name: value for name, value in made.items() if value}


def comment(told: Told, config: GithubConfig) -> dict[str, str]:
    if told.acknowledged:
        context = told.notification.context
        return {"body": f"Acknowledged by {context.get('by', 'somebody')}. {context.get('comment', '')}".strip()}
    said = "Fires still, or again" if told.firing else "Resolved"
    return {"body": f"**{said}**\n\n{cut(told.text(config.body), BODY_CHARACTERS_MAX)}"}
