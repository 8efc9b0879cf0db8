"""Funnels, trends, retention, flags and sessions over what came through the door, beside the same worked out here."""

import json
import random
import statistics
import time
import uuid
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from tests.conftest import KEY, Server
from tests.eventually import eventually
from tests.sentry_project import Project, envelope, event

RUN = f"r{uuid.uuid4().hex[:8]}"
VISIT, SIGN_UP, PAY = f"{RUN} visit", f"{RUN} sign up", f"{RUN} pay"
RANGE = {"start": "now-30d", "end": "now"}
WINDOW_SECONDS = 7 * 86400


def iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass
class Shop:
    """What was sent: whose it is in truth, and the events themselves."""

    now: float
    events: list[dict[str, Any]] = field(default_factory=list)
    person: dict[str, str] = field(default_factory=dict)
    """By distinct id."""

    def event(self, name: str, who: str, at: float, **properties: Any) -> dict[str, Any]:
        at = round(at, 3)
        made = {"event": name, "distinct_id": who, "uuid": str(uuid.uuid4()), "timestamp": iso(at)}
        self.events.append({**made, "properties": {"run": RUN, **properties}, "at": at})
        return self.events[-1]

    def of(self, name: str) -> Iterator[tuple[str, float, dict[str, Any]]]:
        for one in self.events:
            if one["event"] == name:
                yield self.person[one["distinct_id"]], one["at"], one["properties"]

    def bodies(self) -> list[dict[str, Any]]:
        return [{name: value for name, value in one.items() if name != "at"} for one in self.events]


def made_shop() -> Shop:
    """Sixty people on one or two devices, who are known from when they sign up."""
    rnd, shop = random.Random(7), Shop(time.time())
    for number in range(60):
        user, devices = f"{RUN}-u{number}", [f"{RUN}-a{number}-{at}" for at in range(1 + number % 2)]
        shop.person |= dict.fromkeys([user, *devices], user if number % 3 else devices[0])
        start = shop.now - 86400 * rnd.uniform(1, 20)
        flag = rnd.choice(["on", "off"])
        session = {"$session_id": f"{RUN}-s{number}", "plan": rnd.choice(["free", "pro", "team"])}
        for device in devices:
            for _ in range(rnd.randint(1, 4)):
                at = start + rnd.uniform(0, 900)
                shop.event(VISIT, device, at, **session, **{"$feature/new": flag, "$browser": "Chrome"})
        if number % 3:
            for device in devices:
                shop.event("$identify", user, start + 1000, **{"$anon_distinct_id": device, "$set": {"name": user}})
            if rnd.random() < 0.8:
                shop.event(SIGN_UP, user, start + rnd.uniform(500, 2000), **session, trace_id=f"{number + 1:032x}")
            for _ in range(rnd.randint(0, 3)):
                shop.event(PAY, user, start + rnd.uniform(1000, 10 * 86400), amount=rnd.randint(1, 9))
        else:
            shop.person |= dict.fromkeys(devices, devices[0])
            if len(devices) > 1:
                shop.event("$create_alias", devices[0], start + 5, alias=devices[1])
    shop.events = [one for one in shop.events if one["at"] < shop.now]
    return shop


@pytest.fixture(scope="module")
def shop(server: Server) -> Shop:
    """Sent in parts, and a third of it again as a sender does who got no answer: each counts once."""
    found = made_shop()
    events = found.bodies()
    with httpx.Client(base_url=server.url, timeout=60) as client:
        for part in (events[::2], events[1::2], events[::3]):
            body = {"api_key": KEY, "batch": part, "sent_at": iso(time.time())}
            answer = client.post("/batch/", params={"wait": "visible"}, json=body)
            assert (answer.status_code, answer.json()) == (200, {"status": 1, "accepted": len(part)}), answer.text
    return found


@pytest.fixture(scope="module")
def api(server: Server) -> Iterator[httpx.Client]:
    with server.api() as client:
        yield client


def get(api: httpx.Client, path: str, **params: Any) -> Any:
    answer = api.get(f"/api/v1/analytics/{path}", params={**RANGE, **params})
    assert answer.status_code == 200, answer.text
    return answer.json()


def ask_funnel(api: httpx.Client, *steps: Any, path: str = "funnel", **more: Any) -> Any:
    body = {**RANGE, "steps": [one if isinstance(one, dict) else {"event": one} for one in steps], **more}
    answer = api.post(f"/api/v1/analytics/{path}", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def attempts(shop: Shop, steps: list[str], window: float) -> dict[str, tuple[list[float], dict[str, Any]]]:
    """Of each person the times of the furthest attempt, the first of those, and what its first event carried."""
    rows: dict[str, list[tuple[float, int, dict[str, Any]]]] = defaultdict(list)
    for place, name in enumerate(steps):
        for person, at, properties in shop.of(name):
            rows[person].append((at, place, properties))
    found: dict[str, tuple[list[float], dict[str, Any]]] = {}
    for person, own in rows.items():
        own.sort(key=lambda row: row[:2])
        for place, (began, step, properties) in enumerate(own):
            if step:
                continue
            taken = [began]
            for at, which, _ in own[place + 1 :]:
                if which == len(taken) and at <= began + window:
                    taken.append(at)
            if len(taken) > len(found.get(person, ([], {}))[0]):
                found[person] = taken, properties
    return found


def test_a_funnel_counts_persons_and_how_long_they_took(shop: Shop, api: httpx.Client) -> None:
    """Over all of their devices, within the window, by property; and it tells who they are."""
    steps = [VISIT, SIGN_UP, PAY]
    truth = attempts(shop, steps, WINDOW_SECONDS)
    answer = ask_funnel(api, *steps, window_seconds=WINDOW_SECONDS, breakdown="plan")
    counts = [sum(len(taken) > place for taken, _ in truth.values()) for place in range(3)]
    assert [one["count"] for one in answer["steps"]] == counts
    assert counts[0] == 60 > counts[1] > counts[2] > 5
    for place in (1, 2):
        took = [taken[place] - taken[place - 1] for taken, _ in truth.values() if len(taken) > place]
        assert answer["steps"][place]["median_seconds"] == pytest.approx(statistics.median(took), abs=0.002)
        assert answer["steps"][place]["of_previous"] == pytest.approx(counts[place] / counts[place - 1])
    for group in answer["groups"]:
        own = [taken for taken, properties in truth.values() if properties["plan"] == group["value"]]
        assert [one["count"] for one in group["steps"]] == [sum(len(one) > at for one in own) for at in range(3)]
    assert {group["value"] for group in answer["groups"]} == {"free", "pro", "team"}

    left = ask_funnel(
        api, *steps, path="funnel/people", window_seconds=WINDOW_SECONDS, step=3, outcome="left", limit=200
    )
    assert {one["person"] for one in left["people"]} == {who for who, (taken, _) in truth.items() if len(taken) == 2}
    assert left["total"] == counts[1] - counts[2]
    one = left["people"][0]
    assert one["name"] == one["person"]
    number = int(one["person"].rpartition("u")[2])
    assert one["trace_ids"] == [f"{number + 1:032x}"]
    assert one["sessions"][0]["id"] == f"{RUN}-s{number}"


def test_a_step_is_narrowed_by_what_its_events_carry(shop: Shop, api: httpx.Client) -> None:
    """By the same language as every search; flags by `flag.`."""
    answer = ask_funnel(api, {"event": VISIT, "query": "plan:pro AND flag.new:on AND browser:Chrome"})
    wanted = {who for who, _, carried in shop.of(VISIT) if (carried["plan"], carried["$feature/new"]) == ("pro", "on")}
    assert answer["steps"][0]["count"] == len(wanted) > 0
    bad = api.post("/api/v1/analytics/funnel", json={"steps": [{"event": "a", "query": "plan:("}]})
    assert (bad.status_code, bad.json()["code"]) == (400, "bad_query")


def test_trends_count_events_and_persons(shop: Shop, api: httpx.Client) -> None:
    """By day in UTC and by property; a person counts once in the total."""
    events = get(api, "trends", event=VISIT, interval="day", breakdown="plan")
    days: dict[tuple[str, str], int] = defaultdict(int)
    for _, at, carried in shop.of(VISIT):
        days[carried["plan"], f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d}"] += 1
    found = {
        (series["value"], bucket[:10]): count
        for series in events["series"]
        for bucket, count in zip(events["buckets"], series["counts"], strict=True)
        if count
    }
    assert found == days
    assert events["total"] == len(list(shop.of(VISIT)))
    persons = get(api, "trends", event=VISIT, measure="units", interval="week")
    assert persons["total"] == 60
    assert sum(persons["series"][0]["counts"]) == len({(who, monday(at)) for who, at, _ in shop.of(VISIT)})


def monday(at: float) -> str:
    day = datetime.fromtimestamp(at, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return f"{day - timedelta(days=day.weekday()):%Y-%m-%d}"


def test_retention_by_the_week_of_the_first_visit(shop: Shop, api: httpx.Client) -> None:
    """How many of each week's new persons paid in the weeks after."""
    answer = get(api, "retention", event=VISIT, again=PAY, interval="week")
    first: dict[str, float] = {}
    for who, at, _ in shop.of(VISIT):
        first[who] = min(at, first.get(who, at))
    paid = {(who, monday(at)) for who, at, _ in shop.of(PAY)}
    for cohort in answer["cohorts"]:
        start = cohort["start"][:10]
        members = {who for who, at in first.items() if monday(at) == start}
        assert cohort["size"] == len(members)
        for number, count in enumerate(cohort["returned"]):
            week = f"{datetime.fromisoformat(start) + timedelta(weeks=number):%Y-%m-%d}"
            assert count == len({who for who in members if (who, week) in paid}), (start, number)
    assert sum(cohort["size"] for cohort in answer["cohorts"]) == 60


def test_usage_by_flag_also_of_events_that_a_server_sends(shop: Shop, api: httpx.Client) -> None:
    """Payments carry no flag: they count for what their person had."""
    had = {who: carried["$feature/new"] for who, _, carried in shop.of(VISIT)}
    answer = get(api, "features", flag="new", event=PAY)
    for one in answer["values"]:
        mine = {who for who, value in had.items() if value == one["value"]}
        uses = [who for who, _, _ in shop.of(PAY) if who in mine]
        assert (one["persons"], one["used"], one["uses"]) == (len(mine), len(set(uses)), len(uses))
    assert sorted(one["value"] for one in answer["values"]) == ["off", "on"]
    (flag,) = [one for one in get(api, "flags")["flags"] if one["name"] == "new"]
    assert set(flag["values"]) >= {"on", "off"}


def test_session_durations(shop: Shop, api: httpx.Client) -> None:
    """From the first event of each to its last: the distribution, and the sessions of a bucket."""
    times: dict[str, list[float]] = defaultdict(list)
    for one in shop.events:
        if session := one["properties"].get("$session_id"):
            times[session].append(one["at"])
    lengths = {session: max(own) - min(own) for session, own in times.items()}
    answer = get(api, "sessions", query=f"run:{RUN}")
    assert answer["stats_of_all"]["count"] == len(lengths)
    assert answer["stats_of_all"]["p50_seconds"] == pytest.approx(statistics.median(lengths.values()), abs=0.002)
    for bucket in answer["buckets"]:
        low, high = bucket["from_seconds"], bucket["to_seconds"] or float("inf")
        assert bucket["count"] == sum(low <= one < high for one in lengths.values())
    listed = get(api, "sessions/list", query=f"run:{RUN}", from_seconds=600, to_seconds=1800, limit=200)
    assert {one["id"] for one in listed["sessions"]} == {key for key, one in lengths.items() if 600 <= one < 1800}


def test_one_person_has_all_of_their_ids(shop: Shop, api: httpx.Client) -> None:
    """Whichever is asked for; with what is known of them and all that they did."""
    user = f"{RUN}-u7"
    found = get(api, f"people/{RUN}-a7-1")
    assert (found["person"], found["distinct_ids"]) == (user, [user, f"{RUN}-a7-0", f"{RUN}-a7-1"])
    assert found["properties"] == {"name": user}
    assert found["events"] == sum(shop.person[one["distinct_id"]] == user for one in shop.events)
    alias = get(api, f"people/{RUN}-a3-1")
    assert alias["distinct_ids"] == [f"{RUN}-a3-0", f"{RUN}-a3-1"]


def test_a_link_whose_earlier_time_came_late_counts_from_then(server: Server, api: httpx.Client) -> None:
    """Who was identified first on a device may be heard of last, and both were known before."""
    now, device = time.time(), f"{RUN}-late"
    for user, age in ((f"{RUN}-late-one", 100), (f"{RUN}-late-two", 200), (f"{RUN}-late-one", 300)):
        event = {"event": "$identify", "distinct_id": user, "properties": {"$anon_distinct_id": device}}
        body = {"api_key": KEY, "batch": [{**event, "timestamp": iso(now - age)}]}
        with httpx.Client(base_url=server.url) as client:
            assert client.post("/batch", params={"wait": "visible"}, json=body).status_code == 200
        assert get(api, f"people/{device}")["person"] == user


def test_events_are_listed_once_and_by_pages(shop: Shop, api: httpx.Client) -> None:
    """The newest first, with their properties as they were sent."""
    found: list[Any] = []
    cursor: str | None = ""
    while cursor is not None:
        page = get(api, "events", event=PAY, limit=20, cursor=cursor or None)
        found += page["events"]
        cursor = page["next_cursor"]
    sent = sorted(shop.of(PAY), key=lambda one: -one[1])
    assert [one["properties"]["amount"] for one in found] == [carried["amount"] for _, _, carried in sent]
    names = {one["name"]: one["count"] for one in get(api, "names")["events"]}
    assert names[PAY] == len(sent)
    properties = {one["name"] for one in get(api, "properties", event=VISIT)["properties"]}
    assert properties == {"run", "plan", "$session_id", "$browser", "flag.new"}
    assert {one["value"] for one in get(api, "values", event=VISIT, name="plan")["values"]} == {"free", "pro", "team"}


def test_product_events_are_series(shop: Shop, api: httpx.Client) -> None:
    """What alert rules ask: an event that was sent twice counts once."""
    query = f'sum(increase(product_events_total{{event="{PAY}"}}[30d]))'
    answer = api.get("/prometheus/api/v1/query", params={"query": query}).json()
    assert float(answer["data"]["result"][0]["value"][1]) == len(list(shop.of(PAY)))


def test_a_funnel_of_log_events(server: Server, api: httpx.Client) -> None:
    """By user for a registration, by the id of a thing for what happens to it; mixed with product events."""
    now, registered, verified = time.time(), f"{RUN}.registered", f"{RUN}.verified"
    lines = []
    for number in range(12):
        at = now - 86400 + number
        user = {"user_id": f"{RUN}-log{number}", "linkup_id": f"l{number % 4}", "service": "josh"}
        lines.append({"time": at, "event": registered, "message": "registered", **user})
        if number % 3 == 0:
            lines.append({"time": at + 30, "event": verified, "message": "verified", **user})
    with server.door(content_type="application/x-ndjson") as door:
        sent = door.post("/ingest/ndjson", params={"wait": "visible"}, content="\n".join(map(json.dumps, lines)))
        assert sent.status_code == 200
        event = {"event": f"{RUN} interview", "distinct_id": f"{RUN}-log3", "timestamp": iso(now - 3600)}
        body = {"api_key": KEY, "batch": [event]}
        assert door.post("/batch", params={"wait": "visible"}, content=json.dumps(body)).status_code == 200
    of_logs = [{"event": name, "source": "logs"} for name in (registered, verified)]
    people = ask_funnel(api, *of_logs, {"event": f"{RUN} interview"})
    assert [one["count"] for one in people["steps"]] == [12, 4, 1]
    assert people["steps"][1]["median_seconds"] == pytest.approx(30)
    linkups = ask_funnel(api, *of_logs, unit="linkup_id")
    assert [one["count"] for one in linkups["steps"]] == [4, 4]
    behind = ask_funnel(api, *of_logs, path="funnel/people", unit="linkup_id", step=2, outcome="took")
    assert {one["person"] for one in behind["people"]} == {"l0", "l1", "l2", "l3"}


def test_saved_funnels(api: httpx.Client) -> None:
    """Kept by name, changed, and gone when they are deleted."""
    funnel = {"steps": [{"event": VISIT, "query": "plan:pro"}, {"event": PAY}], "breakdown": "plan"}
    made = api.post("/api/v1/analytics/funnels", json={"name": RUN, "funnel": funnel})
    assert made.status_code == 201, made.text
    path = f"/api/v1/analytics/funnels/{made.json()['id']}"
    assert api.post("/api/v1/analytics/funnels", json={"name": RUN, "funnel": funnel}).status_code == 409
    assert api.put(path, json={"name": f"{RUN} 2", "funnel": funnel}).status_code == 200
    (kept,) = [one for one in api.get("/api/v1/analytics/funnels").json()["funnels"] if one["name"] == f"{RUN} 2"]
    assert (kept["funnel"]["steps"][0]["query"], kept["funnel"]["unit"]) == ("plan:pro", "person")
    assert api.delete(path).status_code == 204
    assert api.delete(path).status_code == 404


def test_behind_a_number_are_the_errors_of_its_people(api: httpx.Client, server: Server) -> None:
    """Those of their traces, as Sentry's SDK tells them beside PostHog's; from a trend to the error's issue."""
    tried, trace = f"{RUN} tried to pay", uuid.uuid4().hex
    failed = event("the card was refused", contexts={"trace": {"trace_id": trace, "span_id": trace[:16]}})
    answer = Project(server, 1, KEY).post("envelope/", envelope(("event", failed), event_id=failed["event_id"]))
    assert answer.status_code == 200, answer.text
    for who, properties in (("unlucky", {"$trace_id": trace}), ("lucky", {"$trace_id": uuid.uuid4().hex})):
        told = {"event": tried, "distinct_id": f"{RUN}-{who}", "properties": properties}
        body = {"api_key": KEY, "batch": [told]}
        assert httpx.post(f"{server.url}/batch", params={"wait": "visible"}, json=body).status_code == 200
    people = [one["person"] for one in get(api, "people", event=tried)["people"]]
    assert sorted(people) == [f"{RUN}-lucky", f"{RUN}-unlucky"]
    found = eventually(lambda: get(api, f"people/{RUN}-unlucky")["errors"], seconds=40)
    assert [(one["event_id"], one["trace_id"]) for one in found] == [(failed["event_id"], trace)]
    assert "the card was refused" in found[0]["title"]
    assert get(api, f"people/{RUN}-lucky")["errors"] == []


def test_hostile_names_are_names(api: httpx.Client, server: Server) -> None:
    """Quotes, braces and newlines in ids, events and values reach no statement."""
    odd = 'it\'s \\ "a" {x:String} `--'
    worse = f"{odd}\n\t%"
    properties = {odd: worse, f"$feature/{odd}": worse}
    event = {"event": f"{RUN} {worse}", "distinct_id": f"{RUN}{worse}x", "properties": properties}
    linked = {**event, "event": "$identify", "properties": {"$anon_distinct_id": f"{RUN}'{worse}x"}}
    with httpx.Client(base_url=server.url) as client:
        body = {"api_key": KEY, "batch": [event, linked]}
        assert client.post("/batch", params={"wait": "visible"}, json=body).status_code == 200
    name = f"{RUN} {worse}".strip()
    answer = ask_funnel(api, name, breakdown=odd)
    assert [(one["value"], one["steps"][0]["count"]) for one in answer["groups"]] == [(worse, 1)]
    found = get(api, "people", event=name, breakdown=f"flag.{odd}", value=worse)
    assert [one["person"] for one in found["people"]] == [f"{RUN}{worse}x"]
    assert get(api, "features", flag=odd, event=name)["values"][0]["used"] == 1
    assert api.get("/api/v1/analytics/trends", params={"breakdown": f"{odd}\n"}).status_code == 400
