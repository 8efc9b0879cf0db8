"""Where an alert would go at another time and who is on call then; history by any label; many alerts, cut to a page."""

import json
from collections.abc import Iterator
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
  routes:
    - matchers: [severity=critical]
      receiver: on-call
      continue: true
    - matchers: [severity=critical, team=shop]
      receiver: shop
      mute_time_intervals: [nights]
    - matchers: [severity=info]
      receiver: daily
      active_time_intervals: [mondays]
receivers:
  - name: floor
  - {name: phones, webhook_configs: [{url: 'http://127.0.0.1:9/'}]}
  - {name: on-call, escalation_configs: [{policy: page}]}
  - {name: daily, digest_configs: [{receiver: phones, at: "09:00"}]}
  - name: shop
time_intervals:
  - {name: nights, time_intervals: [{times: [{start_time: "22:00", end_time: "24:00"}]}]}
  - {name: mondays, time_intervals: [{weekdays: [monday]}]}
"""
MIDWATCH = {
    "on_call": {
        "people": {
            "ana": {"name": "Ana Ortiz", "receiver": "phones"},
            "bo": {"name": "Bo Lind", "receiver": "phones"},
        },
        "schedules": {
            "primary": {"layers": [{"people": ["ana", "bo"], "turn": "1d", "starts": "2026-01-05 00:00"}]},
            "evenings": {
                "layers": [
                    {
                        "people": ["ana"],
                        "starts": "2026-01-05 00:00",
                        "hours": [{"days": ["tuesday"], "times": "20:00-23:00"}],
                    }
                ]
            },
        },
        "escalations": {
            "page": {
                "steps": [
                    {"schedules": ["primary"]},
                    {"after": "2h", "schedules": ["primary", "evenings"], "receivers": ["phones"]},
                ]
            }
        },
    },
    "maintenance": [{"name": "move", "starts": "2026-12-05 22:00", "ends": "2026-12-06 04:00"}],
}
ALERTS = "/alertmanager/api/v2/alerts"


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """Of a server with these routes and people."""
    server = Server(tmp_path_factory.mktemp("routing")).start()
    with server.api() as client:
        files = {"midwatch.yml": json.dumps(MIDWATCH), "alertmanager.yml": ROUTES}
        applied = client.post("/api/v1/plan/apply", json={"files": files}).json()
        assert applied["ok"], applied
        yield client
    server.stop()


def ask(api: httpx.Client, time: str | None = None, **labels: str) -> dict[str, Any]:
    answer = api.post("/api/v1/alert-routing", json={"labels": labels} | ({"time": time} if time else {}))
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def post(api: httpx.Client, *alerts: dict[str, str]) -> None:
    answer = api.post(ALERTS, json=[{"labels": one, "annotations": {"summary": "Disk full"}} for one in alerts])
    assert answer.status_code == 200, answer.text


def test_people_on_call_are_those_of_the_time_asked_for(api: httpx.Client) -> None:
    """Each step at its own moment: two hours after eleven in the evening it is the next day's turn."""
    told = ask(api, "2026-01-06T23:00:00Z", severity="critical")["told"]
    assert [one["receiver"] for one in told] == ["on-call"]
    assert [(one["after_seconds"], one["schedule"], one["name"], one["receiver"]) for one in told[0]["on_call"]] == [
        (0, "primary", "Bo Lind", "phones"),
        (7200, "primary", "Ana Ortiz", "phones"),
        (7200, "evenings", "", ""),
        (7200, "", "", "phones"),
    ]
    earlier = ask(api, "2026-01-06T18:30:00Z", severity="critical")["told"][0]["on_call"]
    assert [one["person"] for one in earlier] == ["bo", "bo", "ana", ""]


def test_what_holds_it_back_is_that_of_the_time(api: httpx.Client) -> None:
    """Mute times that hold, active times that do not, maintenance; and when a digest is due."""
    shop = {"severity": "critical", "team": "shop"}
    assert [one["muted_by"] for one in ask(api, "2026-01-06T21:00:00Z", **shop)["told"]] == [[], []]
    assert [one["muted_by"] for one in ask(api, "2026-01-06T23:00:00Z", **shop)["told"]] == [[], ["nights"]]
    tuesday = ask(api, "2026-01-06T10:00:00Z", severity="info")
    assert tuesday["told"][0]["muted_by"] == ["mondays"]
    assert tuesday["told"][0]["digests"] == [{"receiver": "phones", "at": "2026-01-07T09:00:00.000000000Z"}]
    assert ask(api, "2026-01-05T10:00:00Z", severity="info")["told"][0]["muted_by"] == []
    assert ask(api, "2026-12-06T01:00:00Z", severity="info")["maintenance"] == ["move"]
    assert tuesday["maintenance"] == []


def test_a_time_that_is_none_is_told(api: httpx.Client) -> None:
    """With what was expected."""
    answer = api.post("/api/v1/alert-routing", json={"labels": {}, "time": "tonight"})
    assert answer.status_code == 400
    assert "time='tonight': expected RFC 3339" in answer.json()["error"]


def test_history_is_found_by_any_label(api: httpx.Client) -> None:
    """By every kind of matcher, and page by page without losing or repeating one."""
    zones = ("a", "b", "c")
    post(api, *({"alertname": "Past", "zone": zone, "disk.name": f"d{zone}"} for zone in zones))

    def found(*filters: str, **more: Any) -> list[str]:
        asked = {"filter": filters, "kind": "firing", **more}
        answer = api.get("/api/v1/alert-history", params=asked)
        assert answer.status_code == 200, answer.text
        return sorted(one["labels"]["zone"] for one in answer.json()["events"])

    eventually(lambda: len(found("alertname=Past")) == 3)
    assert found("alertname=Past", "zone=b") == ["b"]
    assert found("alertname=Past", 'zone=~"a|c"') == ["a", "c"]
    assert found('{alertname="Past", zone!="b"}') == ["a", "c"]
    assert found('"disk.name"=dc') == ["c"]
    assert found("alertname=Past", rule="Other") == []
    assert found('zone=~".+"', start="now-2d", end="now-1d") == []
    pages: list[str] = []
    cursor: dict[str, str] = {}
    for _ in zones:
        page = api.get("/api/v1/alert-history", params={"filter": 'zone=~"."', "limit": 1, "kind": "firing", **cursor})
        pages += [one["labels"]["zone"] for one in page.json()["events"]]
        cursor = {"cursor": page.json()["next_cursor"]}
    assert sorted(pages) == ["a", "b", "c"]
    wrong = api.get("/api/v1/alert-history", params={"filter": "zone=~("})
    assert (wrong.status_code, "filter: " in wrong.json()["error"]) == (400, True)


def test_what_fires_is_narrowed_and_cut_by_the_server(api: httpx.Client) -> None:
    """The gravest come first; counts are of everything; a group can be asked for alone."""
    crowd = [{"alertname": "Crowd", "n": str(n), "severity": "warning"} for n in range(60)]
    post(api, *crowd, {"alertname": "Crowd", "n": "grave", "severity": "page"}, {"alertname": "Lonely"})

    def groups(**asked: Any) -> dict[str, Any]:
        return dict(api.get("/api/v1/alert-groups", params=asked).json())

    whole = groups(filter="alertname=~Crowd|Lonely")
    assert (whole["total"], whole["alerts"], whole["counts"]["all"], whole["counts"]["open"]) == (2, 62, 62, 62)
    crowded, lonely = whole["groups"]
    assert (crowded["total"], crowded["firing"], len(crowded["alerts"])) == (61, 61, 50)
    assert crowded["alerts"][0]["labels"]["n"] == "grave"
    assert lonely["labels"] == {"alertname": "Lonely"}
    only = groups(group_key=crowded["key"], per_group=1000)
    assert [len(one["alerts"]) for one in only["groups"]] == [61]
    fingerprint = crowded["alerts"][0]["fingerprint"]
    api.post("/api/v1/alert-marks", json={"kind": "acknowledged", "fingerprint": fingerprint})
    mine = groups(filter="alertname=Crowd", standing="acknowledged")
    assert [one["fingerprint"] for one in mine["groups"][0]["alerts"]] == [fingerprint]
    assert (mine["groups"][0]["total"], mine["groups"][0]["firing"]) == (1, 61)
    assert (mine["counts"]["acknowledged"], mine["counts"]["open"]) == (1, 60)
    assert groups(filter="alertname=Crowd", words="FLOOR n=17 disk")["alerts"] == 1
    assert groups(filter="alertname=Crowd", words="floor nothing")["groups"] == []
