"""Inbound filters: events that are nobody's to mend, by the reason under which they are counted (docs.sentry.io)."""

import re
from typing import Any
from urllib.parse import urlsplit

from midwatch.server.issues.events.agents import agent_of
from midwatch.server.issues.events.bounded import mapping
from midwatch.server.issues.events.facts import match_values, message_of, title_of
from midwatch.server.issues.events.normal import exceptions_of, frames_of
from midwatch.server.issues.rules import Filters, glob, matches
from midwatch.server.protocols.sentry.user_agents import is_crawler

_EXTENSION = re.compile(
    r"^(?:chrome|moz|safari(?:-web)?|ms-browser|webkit-masked-url|safari-extension)(?:-extension)?:", re.I
)
_EXTENSION_SAYS = re.compile(
    r"top\.GLOBALS|originalCreateNotification|canvas\.contentDocument|MyApp_RemoveAllHighlights|fb_xd_fragment|"
    r"conduitPage|bmi_SafeAddOnload|EBCallBackMessageReceived|_gCrWeb|__gCrWeb|atomicFindClose|"
    r"Can't find variable: ZiteReader|jigsaw is not defined|ComboSearch is not defined|http://loading\.retry\.widdit\.com/|"
    r"plugin\.setSuspendState is not a function|Extension context invalidated|useAutoFill"
)
_LOCAL = ("localhost", "127.0.0.1", "::1", "0.0.0.0")  # noqa: S104 - compared with, not bound to


def filtered(event: dict[str, Any], filters: Filters) -> str:  # noqa: PLR0911 - one line a filter
    """Why an event is not kept; empty: it is."""
    if filters.ignore:
        values = match_values(event)
        if any(matches(one, values) for one in filters.ignore):
            return "filtered_by_rule"
    if filters.releases and any(glob(one).match(event.get("release", "")) for one in filters.releases):
        return "filtered_release"
    if filters.messages and any(glob(one).match(said) for one in filters.messages for said in _said(event)):
        return "filtered_message"
    if filters.crawlers and is_crawler(agent_of(event)):
        return "filtered_crawler"
    if event["platform"] in ("javascript", "node") and filters.browser_extensions and _by_extension(event):
        return "filtered_browser_extension"
    if filters.localhost and _is_local(event):
        return "filtered_localhost"
    return ""


def _said(event: dict[str, Any]) -> list[str]:
    found = [message_of(event)]
    for one in exceptions_of(event):
        found += [title_of(one["type"], one["value"]), one["value"]]
    return found


def _by_extension(event: dict[str, Any]) -> bool:
    exceptions = exceptions_of(event)
    if any(_EXTENSION_SAYS.search(one["value"]) for one in exceptions):
        return True
    frames = frames_of(exceptions[-1]) if exceptions else frames_of(event)
    return any(_EXTENSION.match(frame.get("abs_path") or frame.get("filename", "")) for frame in frames[-1:])


def _is_local(event: dict[str, Any]) -> bool:
    try:
        return urlsplit(mapping(event.get("request")).get("url", "")).hostname in _LOCAL
    except ValueError:
        return False
