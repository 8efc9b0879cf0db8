"""What the public is told of components, incidents and days; as HTML and as feeds that are what they claim to be."""

from xml.etree import ElementTree

import pytest

from midwatch.contract.plan import MAIN_FILE, load
from midwatch.contract.plan.sections.status_page import Component, StatusPage
from midwatch.server.http.status_place import Place, StatusPlaceMiddleware
from midwatch.server.monitors.status_page.feeds import atom, rss, summary
from midwatch.server.monitors.status_page.html import page_html
from midwatch.server.monitors.status_page.mails import EARLIER_MAX, Letterhead, notice_mail, public_url
from midwatch.server.monitors.status_page.view import DAY_MS, Notice, State, Update, Watched, page_view

NOW = 20_000 * DAY_MS + 3_600_000
PAGE = StatusPage(
    title="Shop <status>",
    components=(
        Component(name="Web & API", group="Public", probes=("a", "b")),
        Component(name="Invoices", heartbeats=("nightly",)),
        Component(name="Phone"),
    ),
)
NONE = Watched({}, {})


def notice(kind: str = "incident", impact: str = "major", status: str = "investigating", **more: object) -> Notice:
    fields: dict[str, object] = {
        "id": "0" * 32,
        "kind": kind,
        "title": "It <breaks>",
        "impact": impact,
        "status": status,
        "components": ("Phone",),
        "starts_ms": NOW - 1000,
        "ends_ms": None,
        "updates": (Update(NOW, status, "We look & see\x00"),),
        "changed_ms": NOW,
    }
    return Notice(**{**fields, **more})  # type: ignore[arg-type]


Y, M, D, P, X, U = (
    State.OPERATIONAL,
    State.MAINTENANCE,
    State.DEGRADED,
    State.PARTIAL,
    State.MAJOR,
    State.UNKNOWN,
)
STATES: list[tuple[dict[str, str], list[Notice], tuple[State, State, State], State]] = [
    ({"a": "up", "b": "up"}, [], (Y, U, Y), U),
    ({"a": "up", "b": "down"}, [], (P, U, Y), P),
    ({"a": "down", "b": "down"}, [], (X, U, Y), P),
    ({"a": "unknown", "b": "up"}, [], (Y, U, Y), U),
    ({}, [], (U, U, Y), U),
    ({}, [notice(impact="minor")], (U, U, D), D),
    ({}, [notice(impact="critical")], (U, U, X), P),
    ({}, [notice(impact="none")], (U, U, Y), U),
    ({}, [notice(status="resolved")], (U, U, Y), U),
    ({}, [notice("maintenance", status="in_progress")], (U, U, M), M),
    ({}, [notice("maintenance", status="scheduled", starts_ms=NOW + 1)], (U, U, Y), U),
    ({"a": "down", "b": "down"}, [notice("maintenance", components=("Web & API",))], (M, U, Y), M),
    ({}, [notice(components=())], (U, U, Y), P),
]


@pytest.mark.parametrize(("states", "notices", "expected", "whole"), STATES)
def test_components_are_as_monitors_and_people_say(
    states: dict[str, str], notices: list[Notice], expected: tuple[State, ...], whole: State
) -> None:
    """Some down is partial, all is major; an open incident counts; planned work hides what it takes down."""
    view = page_view(PAGE, Watched(states, {}), NONE, notices, NOW)
    assert tuple(one.state for one in view.components) == expected
    assert view.state is whole


def test_ninety_days_of_history() -> None:
    """Each day by the seconds of all that the component has; a day of which nothing is known is told apart."""
    days = {"a": {20_000: (3600.0, 0.0), 19_999: (43_200.0, 43_200.0)}, "b": {19_999: (86_400.0, 0.0)}}
    view = page_view(PAGE, Watched({}, days), NONE, [], NOW)
    shown = view.components[0]
    assert len(shown.days) == 90
    assert [one.availability for one in shown.days[-3:]] == [None, 0.75, 1.0]
    assert shown.availability == (3600 + 43_200 + 86_400) / (3600 + 86_400 + 86_400)
    assert view.components[2].days == ()


def test_the_page_is_sound_html_and_hides_what_is_inside() -> None:
    """What people wrote is escaped; names of probes are not there; there is no script and nothing from elsewhere."""
    view = page_view(PAGE, Watched({"a": "down", "b": "up"}, {"a": {20_000: (1.0, 0.0)}}), NONE, [notice()], NOW)
    text = page_html(view, "/status")
    assert "Shop &lt;status&gt;" in text
    assert "It &lt;breaks&gt;" in text
    assert "<script" not in text
    assert "http" not in text.replace("http-equiv", "")
    assert "nightly" not in text
    assert "prefers-color-scheme:dark" in text
    assert "news may be missing" in page_html(view, "/status", stale=True)


def test_feeds_are_xml_that_readers_take() -> None:
    """Atom with ids and times, RSS with a new guid at each update; signs that XML cannot hold are left out."""
    view = page_view(PAGE, NONE, NONE, [notice()], NOW)
    feed = ElementTree.fromstring(atom(view, [notice()], "https://status.example"))
    space = {"a": "http://www.w3.org/2005/Atom"}
    assert feed.findtext("a:entry/a:id", namespaces=space) == f"https://status.example#{'0' * 32}"
    assert feed.findtext("a:entry/a:content", namespaces=space) == (
        "Investigating (2024-10-04T01:00:00Z): We look & see"
    )
    channel = ElementTree.fromstring(rss(view, [notice()], "https://status.example")).find("channel")
    assert channel is not None
    assert channel.findtext("item/guid") == f"{'0' * 32}-{NOW}"
    assert summary(view)["incidents"][0]["title"] == "It <breaks>"


PLACES = [
    (Place(), "midwatch.example", "/status", "/status"),
    (Place("/uptime"), "midwatch.example", "/uptime", "/status"),
    (Place("/uptime"), "midwatch.example", "/uptime/feed.atom", "/status/feed.atom"),
    (Place("/uptime"), "midwatch.example", "/uptimes", "/uptimes"),
    (Place("/status", "status.example"), "status.example", "/", "/status"),
    (Place("/status", "status.example"), "STATUS.example:443", "/feed.rss", "/status/feed.rss"),
    (Place("/status", "status.example"), "status.example", "/status/feed.rss", "/status/feed.rss"),
    (Place("/status", "status.example"), "status.example", "/api/v1/users", "/status/api/v1/users"),
    (Place("/status", "status.example"), "midwatch.example", "/", "/"),
]


@pytest.mark.parametrize(("place", "host", "path", "expected"), PLACES)
async def test_the_page_has_a_place_of_its_own(place: Place, host: str, path: str, expected: str) -> None:
    """At its path, and as the whole site at its host, where nothing else of Midwatch can be reached."""
    seen: list[str] = []

    async def app(scope: dict[str, str], receive: object, send: object) -> None:
        seen.append(scope["path"])

    scope = {"type": "http", "path": path, "headers": [(b"host", host.encode())]}
    await StatusPlaceMiddleware(app, lambda: place)(scope, None, None)  # type: ignore[arg-type]
    assert seen == [expected]


MISTAKES = [
    ("status_page: {title: a, path: /api/x}", "that nothing else has"),
    ("status_page: {title: a, path: status}", "expected a path of small letters"),
    ("status_page: {title: a, host: 'a:80'}", "without a port"),
    ("status_page: {components: [{name: a}]}", "expected a title"),
    ("status_page: {title: a, components: [{name: a}, {name: a}]}", "that no other component has"),
    ("status_page: {title: a, components: [{name: a, probes: [x]}]}", "expected one of the plan's probes"),
]


@pytest.mark.parametrize(("text", "said"), MISTAKES)
def test_each_mistake_of_a_status_page_is_told(text: str, said: str) -> None:
    """One problem with what was expected."""
    loaded = load({MAIN_FILE: text})
    assert any(said in problem.message for problem in loaded.errors), loaded.problems


@pytest.mark.parametrize(
    ("page", "external_url", "expected"),
    [
        (StatusPage(), "https://watch.example.com/", "https://watch.example.com/status"),
        (StatusPage(path="/public"), "http://10.0.0.1:4400", "http://10.0.0.1:4400/public"),
        (StatusPage(host="status.example.com"), "https://watch.example.com", "https://status.example.com"),
        (StatusPage(host="status.example.com"), "http://box:4400", "http://status.example.com:4400"),
    ],
)
def test_where_links_of_mails_lead(page: StatusPage, external_url: str, expected: str) -> None:
    """To the page's own host where it has one, at the scheme and port of the server."""
    assert public_url(page, external_url) == expected


def test_a_mail_tells_what_is_new_and_what_was_said_before() -> None:
    """The newest words first, and a bounded number of older ones; HTML is escaped, and headers name the way out."""
    updates = tuple(Update(NOW - at, "monitoring", f"said <{at}>") for at in range(EARLIER_MAX + 5))
    one = notice(updates=updates)
    head = Letterhead("Shop", "https://status.example.com")
    mail = notice_mail("id", "a@example.com", head, one, updates, "https://u.example.com", ["Phone"], begins=False)
    assert mail.subject == "[Shop] Monitoring: It <breaks>"
    assert mail.text.index("said <0>") < mail.text.index("Before:") < mail.text.index("said <1>")
    assert (f"said <{EARLIER_MAX}>" in mail.text, f"said <{EARLIER_MAX + 1}>" in mail.text) == (True, False)
    assert "<breaks>" not in mail.html
    assert mail.headers["List-Unsubscribe"] == "<https://u.example.com>"
