"""What makes the most series of a day: by metric, label and key, beside the day before and without a label."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from tests.conftest import KEY, Server
from tests.remote_write import HEADERS_1, PATH, packed, series_1, version_1

DAY = 1_400_025_600
"""2014-05-14, on which nothing else of these tests is: midnight, UTC."""
LATER = DAY + 86_400
ROUTE = "/api/v1/metrics/cardinality"
USERS, PATHS, ODD = 40, 3, 'http.päth "q"'


def _series(labels: dict[str, str], *seconds: int) -> dict[str, Any]:
    return series_1(labels, samples=[{"value": 1.0, "timestamp": second * 1000} for second in seconds])


@pytest.fixture(scope="module")
def asked(server: Server) -> Iterator[httpx.Client]:
    """`wide` has a series a user and path, of which ten users were there the day before, and each path once without a
    user; `narrow` came by another key."""
    wide = [
        _series(
            {"__name__": "wide", ODD: f"/{path}", "env": "prod" if path else "test", "user": f"u{user:02}"},
            *([DAY + 86_399] if user < 10 else []),
            LATER,
        )
        for user in range(USERS)
        for path in range(PATHS)
    ]
    wide += [_series({"__name__": "wide", ODD: f"/{path}", "env": "prod"}, LATER) for path in range(PATHS)]
    narrow = _series({"__name__": "narrow", "job": "api"}, DAY, LATER + 86_399)
    gone = [_series({"__name__": "gone", "job": str(job)}, DAY) for job in range(5)]
    with server.api() as api, httpx.Client(base_url=server.url) as door:
        answer = api.post("/api/v1/keys", json={"name": "other"})
        assert answer.status_code == 201, answer.text
        for key, body in ((KEY, [*wide, *gone]), (answer.json()["key"], [narrow])):
            headers = {**HEADERS_1, "authorization": f"Bearer {key}"}
            content = packed(version_1(*body))
            sent = door.post(PATH, params={"wait": "visible"}, content=content, headers=headers)
            assert sent.is_success, sent.text
        yield api


def report(api: httpx.Client, **params: Any) -> dict[str, Any]:
    answer = api.get(ROUTE, params={"end": LATER + 86_400, **params})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_metrics_and_keys_stand_beside_the_day_before(asked: httpx.Client) -> None:
    """A series counts once however many samples it has; what is gone counts in the day before; an end at midnight is of
    the day that ended."""
    found = report(asked)
    assert (found["day"], found["series"], found["series_before"]) == ("2014-05-15", 124, 36)
    wide = {"name": "wide", "series": 123, "series_before": 30, "series_new": 93}
    narrow = {"name": "narrow", "series": 1, "series_before": 1, "series_new": 0}
    assert found["metrics"] == [wide, narrow]
    assert (found["metrics_total"], found["series_new"], found["looked_at_every"]) == (2, 93, 1)
    assert [(one["series"], one["series_before"]) for one in found["keys"]] == [(123, 35), (1, 1)]
    assert found["keys"][1]["name"] == "other"
    assert found["series_per_metric_max"] == 200_000
    values = {one["name"]: (one["values"], one["series"], one["series_without"]) for one in found["labels"]}
    assert values == {"user": (40, 120, None), ODD: (3, 123, None), "env": (2, 123, None), "job": (1, 1, None)}


def test_a_metric_is_counted_without_each_of_its_labels(asked: httpx.Client) -> None:
    """The label that makes the series is the one without which few are left; those that have no such label stay, and
    what only follows from another label costs nothing."""
    found = report(asked, metric="wide")
    without = {one["name"]: one["series_without"] for one in found["labels"]}
    # Without users: (/0 test), (/0 prod), (/1 prod), (/2 prod). Without paths: users by environment, and none.
    assert without == {"user": 4, ODD: 81, "env": 123}
    assert [one["name"] for one in found["labels"]] == ["user", ODD, "env"]
    assert [one["name"] for one in found["metrics"]] == ["wide"]
    assert (found["series"], found["series_before"]) == (123, 30)


def test_lists_are_cut_and_narrowed(asked: httpx.Client) -> None:
    """A cut list says how many there are; environments narrow all of it; an unknown metric has nothing."""
    cut = report(asked, limit=1)
    assert [one["name"] for one in cut["metrics"]] == ["wide"]
    assert (cut["metrics_total"], cut["labels_total"], cut["keys_total"], cut["series"]) == (2, 4, 2, 124)
    assert report(asked, env="test")["series"] == USERS
    nothing = report(asked, metric="no such")
    assert (nothing["series"], nothing["metrics"], nothing["labels"], nothing["keys"]) == (0, [], [], [])
    assert report(asked, project=7)["series"] == 0


@pytest.mark.parametrize(
    ("params", "said"), [({"limit": 501}, "limit"), ({"end": "soon"}, "end='soon'"), ({"metrik": "wide"}, "metrik")]
)
def test_a_mistake_is_named(asked: httpx.Client, params: dict[str, Any], said: str) -> None:
    answer = asked.get(ROUTE, params=params)
    assert answer.status_code in (400, 422)
    assert said in answer.text
