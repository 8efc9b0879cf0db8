"""Incidents and maintenance as Atom (RFC 4287), RSS 2.0 and JSON."""

from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from midwatch.server.monitors.status_page.view import Notice, PageView

ENTRIES_MAX = 100
_ATOM = "http://www.w3.org/2005/Atom"


def atom(view: PageView, notices: Sequence[Notice], url: str) -> bytes:
    """`url`: the page's own address."""
    feed = Element("feed", xmlns=_ATOM)
    SubElement(feed, "title").text = _clean(view.title)
    SubElement(feed, "id").text = url
    SubElement(feed, "link", rel="alternate", href=url)
    SubElement(feed, "link", rel="self", href=f"{url}/feed.atom")
    SubElement(feed, "updated").text = _iso(max((one.changed_ms for one in notices), default=view.at_ms))
    for one in notices[:ENTRIES_MAX]:
        entry = SubElement(feed, "entry")
        SubElement(entry, "title").text = _clean(one.title)
        SubElement(entry, "id").text = f"{url}#{one.id}"
        SubElement(entry, "link", rel="alternate", href=f"{url}#{one.id}")
        SubElement(entry, "published").text = _iso(one.starts_ms)
        SubElement(entry, "updated").text = _iso(one.changed_ms)
        SubElement(SubElement(entry, "author"), "name").text = _clean(view.title)
        SubElement(entry, "category", term=one.kind)
        SubElement(entry, "content", type="text").text = _clean(_text(one))
    return _document(feed)


def rss(view: PageView, notices: Sequence[Notice], url: str) -> bytes:
    root = Element("rss", version="2.0")
    channel = SubElement(root, "channel")
    SubElement(channel, "title").text = _clean(view.title)
    SubElement(channel, "link").text = url
    SubElement(channel, "description").text = _clean(view.description or view.title)
    for one in notices[:ENTRIES_MAX]:
        item = SubElement(channel, "item")
        SubElement(item, "title").text = _clean(one.title)
        SubElement(item, "link").text = f"{url}#{one.id}"
        # Readers show a guid once: an update is another item.
        SubElement(item, "guid", isPermaLink="false").text = f"{one.id}-{one.changed_ms}"
        SubElement(item, "pubDate").text = format_datetime(datetime.fromtimestamp(one.changed_ms / 1000, UTC))
        SubElement(item, "category").text = one.kind
        SubElement(item, "description").text = _clean(_text(one))
    return _document(root)


def summary(view: PageView) -> dict[str, Any]:
    return {
        "title": view.title,
        "state": str(view.state),
        "at": _iso(view.at_ms),
        "components": [
            {"name": one.name, "group": one.group, "state": str(one.state), "availability": one.availability}
            for one in view.components
        ],
        "incidents": [_json(one) for one in view.current],
        "planned": [_json(one) for one in view.upcoming],
    }


def _json(one: Notice) -> dict[str, Any]:
    return {
        "id": one.id,
        "kind": one.kind,
        "title": one.title,
        "impact": one.impact,
        "status": one.status,
        "components": list(one.components),
        "starts": _iso(one.starts_ms),
        "ends": None if one.ends_ms is None else _iso(one.ends_ms),
        "updates": [{"at": _iso(u.at_ms), "status": u.status, "text": u.text} for u in one.updates],
    }


def _text(one: Notice) -> str:
    return "\n\n".join(f"{u.status.replace('_', ' ').capitalize()} ({_iso(u.at_ms)}): {u.text}" for u in one.updates)


def _clean(text: str) -> str:
    """Without what XML 1.0 cannot hold."""
    return "".join(
        sign
        for sign in text
        if sign in "\t\n\r" or " " <= sign <= "\ud7ff" or "\ue000" <= sign <= "\ufffd" or sign > "\uffff"
    )


def _document(root: Element) -> bytes:
    found: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return found


def _iso(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
