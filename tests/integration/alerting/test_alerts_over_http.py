"""The API of alerts over a running server: silences, marks, routing, history, noise; and a server that is killed."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.conftest import Server
from tests.eventually import eventually

ROUTES = """\
route:
  receiver: floor
  group_by: [alertname]
  group_wait: 1s
  group_interval: 1s
  routes:
    - matchers: [severity=page]
      receiver: pager
      mute_time_intervals: [always]
receivers: [{name: floor}, {name: pager, webhook_configs: [{url: 'http://127.0.0.1:9/'}]}]
time_intervals: [{name: always, time_intervals: [{}]}]
"""
PLAN = {"midwatch.yml": "{}\n", "alertmanager.yml": ROUTES}
ALERTS = "/alertmanager/api/v2/alerts"


def applied(api: httpx.Client, routes: str) -> dict[str, Any]:
    answer: dict[str, Any] = api.post("/api/v1/plan/apply", json={"files": PLAN | {"alertmanager.yml": routes}}).json()
    return answer


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """Of a server with these routes."""
    server = Server(tmp_path_factory.mktemp("alerts")).start()
    with server.api() as client:
        assert applied(client, ROUTES)["ok"]
        yield client
    server.stop()


def post(api: httpx.Client, *alerts: dict[str, str], ended: bool = False) -> None:
    ends = {"endsAt": moment(0)} if ended else {}
    answer = api.post(ALERTS, json=[{"labels": labels, "annotations": {"summary": "é"}, **ends} for labels in alerts])
    assert answer.status_code == 200, answer.text


def moment(hours: float) -> str:
    return (datetime.now(UTC) + timedelta(hours=hours)).isoformat().replace("+00:00", "Z")


def alerts(api: httpx.Client, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.get("/api/v1/alerts", params={"filter": f"alertname={name}"}).json()["alerts"]
    return found


def kinds(api: httpx.Client, rule: str) -> list[str]:
    events = api.get("/api/v1/alert-history", params={"rule": rule}).json()["events"]
    return [one["kind"] for one in reversed(events)]


def test_an_alert_is_shown_with_all_that_is_known_of_it(api: httpx.Client) -> None:
    """Receivers, groups, what would hold it back; a group with when it is looked at next."""
    post(api, {"alertname": "Shown", "severity": "page"})
    (found,) = alerts(api, "Shown")
    assert (found["state"], found["muted_by"], found["receivers"]) == ("suppressed", ["always"], ["pager"])
    assert found["group_keys"] == ['{}/{severity="page"}:{alertname="Shown"}']
    (group,) = api.get("/api/v1/alert-groups", params={"filter": 'alertname="Shown"'}).json()["groups"]
    assert (group["receiver"], group["key"], group["total"]) == ("pager", found["group_keys"][0], 1)
    detail = api.get(f"/api/v1/alerts/{found['fingerprint']}").json()
    assert detail["alert"] == found
    assert [one["kind"] for one in detail["events"]][-1] == "firing"
    unknown = api.get("/api/v1/alerts/00000000000000ff").json()
    assert unknown == {"alert": None, "events": []}


def test_a_silence_is_previewed_made_changed_and_ended(api: httpx.Client) -> None:
    """By its matchers as text or one by one."""
    post(api, {"alertname": "Hushed", "zone": "a"}, {"alertname": "Hushed", "zone": "b"})
    wanted = {"text": 'alertname="Hushed", zone=~"a|c"', "ends_at": moment(1), "comment": "known"}
    preview = api.post("/api/v1/silence-preview", json=wanted).json()
    assert (preview["hides"], preview["never"]) == (1, "")
    assert preview["alerts"][0]["labels"]["zone"] == "a"
    whole = api.post("/api/v1/silence-preview", json=wanted | {"text": 'alertname=~".*"'}).json()
    assert "must not match the empty" in whole["never"]
    made = api.post("/api/v1/silences", json=wanted).json()
    assert (made["state"], made["hides"], made["text"]) == ("active", 1, 'alertname="Hushed",zone=~"a|c"')
    assert [one["state"] for one in alerts(api, "Hushed")].count("suppressed") == 1
    path = f"/api/v1/silences/{made['id']}"
    assert api.put(path, json=wanted | {"ends_at": moment(2)}).json()["id"] == made["id"]
    matchers = [{"name": "alertname", "operator": "=", "value": "Hushed"}]
    wider = api.put(path, json={"matchers": matchers, "ends_at": moment(1), "comment": "all"}).json()
    assert wider["id"] != made["id"]
    assert wider["hides"] == 2
    assert api.get(path).json()["state"] == "expired"
    assert api.delete(f"/api/v1/silences/{wider['id']}").status_code == 204
    assert all(one["state"] == "firing" for one in alerts(api, "Hushed"))
    later = wanted | {"starts_at": moment(1), "ends_at": moment(2)}
    pending = api.post("/api/v1/silences", json=later).json()
    listed = api.get("/api/v1/silences").json()
    states = {one["id"]: one["state"] for one in listed["silences"]}
    assert states[made["id"]] == states[wider["id"]] == "expired"
    assert listed["total"] == len(states)
    assert [one == "expired" for one in states.values()] == sorted(one == "expired" for one in states.values())
    hides = {one["id"]: one["hides"] for one in listed["silences"]}
    assert (states[pending["id"]], hides[pending["id"]], hides[made["id"]], hides[wider["id"]]) == ("pending", 1, 1, 2)
    actions = [one["action"] for one in api.get("/api/v1/audit").json()["entries"]]
    assert {"silence.create", "silence.change", "silence.expire"} <= set(actions)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"text": "a=", "ends_at": "soon"}, "ends_at='soon': expected a time"),
        ({"text": "=", "ends_at": "2100-01-01T00:00:00Z"}, "matchers: "),
        ({"text": "", "ends_at": "2100-01-01T00:00:00Z"}, "at least one matcher"),
        ({"text": 'a=~"("', "ends_at": "2100-01-01T00:00:00Z"}, "matchers: "),
        ({"text": "a=b", "ends_at": "2001-01-01T00:00:00Z"}, "start time must be before end time"),
    ],
)
def test_a_silence_that_cannot_be_is_refused(api: httpx.Client, body: dict[str, str], expected: str) -> None:
    """With what was expected."""
    answer = api.post("/api/v1/silences", json=body | {"comment": "c"})
    assert answer.status_code == 400
    assert expected in answer.json()["error"]


def test_people_mark_alerts_and_take_it_back(api: httpx.Client) -> None:
    """Acknowledged, assigned and snoozed; an alert that ends takes its marks with it."""
    post(api, {"alertname": "Marked"})
    (found,) = alerts(api, "Marked")
    assert found["standing"] == "open"
    named = {"fingerprint": found["fingerprint"]}
    mark = api.post("/api/v1/alert-marks", json=named | {"kind": "acknowledged", "comment": "on it"})
    assert mark.status_code == 201, mark.text
    api.post("/api/v1/alert-marks", json={"group_key": found["group_keys"][0], "kind": "assigned", "assignee": "Bob"})
    snooze = api.post("/api/v1/alert-marks", json=named | {"kind": "snoozed", "until": moment(1)}).json()
    (shown,) = alerts(api, "Marked")
    assert shown["standing"] == "snoozed"
    assert {(one["kind"], one["comment"], one["assignee"]) for one in shown["marks"]} == {
        ("acknowledged", "on it", ""),
        ("assigned", "", "Bob"),
        ("snoozed", "", ""),
    }
    assert api.delete(f"/api/v1/alert-marks/{mark.json()['id']}").status_code == 204
    assert api.delete(f"/api/v1/alert-marks/{mark.json()['id']}").status_code == 404
    post(api, {"alertname": "Marked"}, ended=True)
    eventually(lambda: snooze["id"] not in {one["id"] for one in api.get("/api/v1/alert-marks").json()["marks"]})
    said = kinds(api, "Marked")
    assert [one for one in said if one != "notified"] == [
        "firing", "acknowledged", "assigned", "snoozed", "unacknowledged", "resolved",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"kind": "acknowledged"}, 400),
        ({"kind": "acknowledged", "fingerprint": "00000000000000ff"}, 404),
        ({"kind": "forgotten", "fingerprint": "00000000000000ff"}, 422),
        ({"kind": "snoozed", "fingerprint": "00000000000000ff", "until": "2001-01-01T00:00:00Z"}, 400),
    ],
)
def test_a_mark_that_means_nothing_is_refused(api: httpx.Client, body: dict[str, str], status: int) -> None:
    """Of nothing, of what does not fire, of a kind that is none, until what is past."""
    assert api.post("/api/v1/alert-marks", json=body).status_code == status


def test_the_tree_is_drawn_and_asked(api: httpx.Client) -> None:
    """Where an alert would go, by which way, and what would hold it back now."""
    tree = api.get("/api/v1/alert-routing").json()
    assert (tree["root"]["receiver"], tree["built_in"]) == ("floor", False)
    assert tree["root"]["routes"][0]["muted_by"] == ["always"]
    assert {one["name"]: one["integrations"] for one in tree["receivers"]} == {"floor": [], "pager": ["webhook[0]"]}
    answer = api.post("/api/v1/alert-routing", json={"labels": {"alertname": "X", "severity": "page"}}).json()
    assert [(one["matchers"], one["taken"], one["chosen"]) for one in answer["steps"]] == [
        ("", True, False),
        ('severity="page"', True, True),
    ]
    (told,) = answer["told"]
    assert told["group_key"] == '{}/{severity="page"}:{alertname="X"}'
    assert told["muted_by"] == ["always"]


def test_history_and_noise_tell_of_rules(api: httpx.Client) -> None:
    """In pages, by kind; and which rules fire for nobody."""

    def flaps() -> list[Any]:
        asked = {"rule": "Flappy", "kind": "resolved"}
        return list(api.get("/api/v1/alert-history", params=asked).json()["events"])

    for times in range(1, 5):
        post(api, {"alertname": "Flappy"})
        post(api, {"alertname": "Flappy"}, ended=True)
        eventually(lambda: len(flaps()) == times)  # noqa: B023 - asked within this round
    asked = {"rule": "Flappy", "limit": 3}
    first = api.get("/api/v1/alert-history", params=asked).json()
    second = api.get("/api/v1/alert-history", params=asked | {"cursor": first["next_cursor"]}).json()
    ids = [one["id"] for page in (first, second) for one in page["events"]]
    assert len(set(ids)) == 6
    beyond = api.get("/api/v1/alert-history", params=asked | {"cursor": f"{10**19 - 1}-{10**19 - 1}"}).json()
    assert beyond["events"] == first["events"]
    fired = api.get("/api/v1/alert-history", params={"rule": "Flappy", "kind": "firing"}).json()["events"]
    assert len(fired) == 4
    report = {one["rule"]: one for one in api.get("/api/v1/alert-noise").json()["rules"]}
    assert (report["Flappy"]["fired"], report["Flappy"]["flapped"]) == (4, 3)
    assert any("keep_firing_for" in one for one in report["Flappy"]["suggestions"])


def test_a_wrong_configuration_leaves_the_old_one_in_force(api: httpx.Client) -> None:
    """Each problem has its line and column; routes, alerts and receivers stay."""
    answer = applied(api, "route:\n  receiver: floor\n  routes: [{receiver: nobody}]\nreceivers: [{name: floor}]\n")
    assert not answer["ok"]
    problem = next(one for one in answer["problems"] if one["severity"] == "error")
    assert (problem["file"], problem["line"], problem["column"]) == ("alertmanager.yml", 3, 23)
    assert "receiver=nobody: no receiver has this name" in problem["message"]
    assert len(api.get("/api/v1/alert-routing").json()["root"]["routes"]) == 1


def test_what_is_wrong_with_alerts_is_said_and_the_others_are_taken(api: httpx.Client) -> None:
    """As Alertmanager does; errors of its API are texts."""
    bodies: list[Any] = [
        {"labels": {"alertname": "Right"}},
        {"labels": {}},
        {"labels": {"a": "b"}, "startsAt": "2026-01-02T00:00:00Z", "endsAt": "2026-01-01T00:00:00Z"},
        {"labels": {"a": "b\0"}},
        {"labels": {"a": 1}},
        {"labels": {"a": "b"}, "startsAt": "yesterday"},
        "alert",
    ]
    answer = api.post(ALERTS, json=bodies)
    assert answer.status_code == 400
    told = answer.json().split("\n")
    assert [one.split(":")[0] for one in told] == [f"alert {index}" for index in range(1, 7)]
    assert len(alerts(api, "Right")) == 1
    for content in (b"{}", b"[", b""):
        assert isinstance(api.post(ALERTS, content=content).json(), str)
    assert api.post(ALERTS, content=b" " * (8 * 2**20 + 1)).status_code == 413


def test_a_killed_server_goes_on_where_it_was(tmp_path: Path) -> None:
    """Alerts, silences and acknowledgements are there again, and the group is told of what came before the kill."""
    server = Server(tmp_path / "data").start()
    with server.api() as api:
        assert applied(api, ROUTES.replace("group_wait: 1s", "group_wait: 4s"))["ok"]
        post(api, {"alertname": "Kept"}, {"alertname": "Silent"})
        api.post("/api/v1/silences", json={"text": "alertname=Silent", "ends_at": moment(1), "comment": "c"})
        (found,) = alerts(api, "Kept")
        api.post("/api/v1/alert-marks", json={"kind": "acknowledged", "fingerprint": found["fingerprint"]})
    server.kill()
    server.start()
    try:
        with server.api() as api:
            eventually(lambda: alerts(api, "Kept"), seconds=30)
            (again,) = alerts(api, "Kept")
            assert (again["starts_at"], again["annotations"]) == (found["starts_at"], {"summary": "é"})
            assert [one["kind"] for one in again["marks"]] == ["acknowledged"]
            assert alerts(api, "Silent")[0]["state"] == "suppressed"
            eventually(lambda: "silenced" in kinds(api, "Silent"), seconds=30)
            assert kinds(api, "Kept").count("firing") == 1
    finally:
        server.stop()
