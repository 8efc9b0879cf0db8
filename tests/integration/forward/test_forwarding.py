"""What comes in by OTLP goes on to the destinations of the plan: real servers, real destinations."""

import re
import threading
from typing import Any

import pytest
from tests.bodies import gauge, span, traces
from tests.conftest import KEY, Server
from tests.eventually import eventually
from tests.integration.forward.conftest import Forwarding, endpoint, texts
from tests.otlp_sink import OtlpSink, plain

pytestmark = pytest.mark.thorough


def arrives(sink: OtlpSink, *bodies: str) -> None:
    eventually(lambda: set(bodies) <= set(texts(sink)))


def test_each_signal_goes_on_in_its_order(forwarding: Forwarding, sink: OtlpSink) -> None:
    """Traces, metrics and logs; what came first goes first, with what its sender said and the plan's headers."""
    forwarding.to(all={"endpoint": endpoint(sink)})
    forwarding.log(*(f"line {number}" for number in range(30)))
    with forwarding.server.door() as door:
        door.post("/v1/traces", content=traces("api", [span(name="GET /forwarded")]).SerializeToString())
        door.post("/v1/metrics", content=gauge("api", "forwarded", 7).SerializeToString())
    eventually(lambda: len(texts(sink)) == 30 and sink.spans and sink.metrics)
    assert texts(sink) == [f"line {number}" for number in range(30)]
    assert [one.name for one in sink.spans] == ["GET /forwarded"]
    assert sink.series("forwarded") == {(): 7}
    lane = eventually(lambda: found if (found := forwarding.lane("all"))["sent_items"] == 30 else None)
    assert (lane["sent_bodies"], lane["waiting_bytes"], lane["error"], lane["lost"]) == (30, 0, "", {})


def test_nothing_waits_here_that_was_taken(forwarding: Forwarding, sink: OtlpSink) -> None:
    """Its file goes with the segment, and not with the next body: it holds what came as it came."""
    forwarding.to(all={"endpoint": endpoint(sink)})
    forwarding.log("last of all")
    arrives(sink, "last of all")
    eventually(lambda: not list((forwarding.server.data / "forward").rglob("*.wal")) or None, seconds=30)


def test_private_values_stay_here(forwarding: Forwarding, sink: OtlpSink) -> None:
    """By default keys, the plan's, and by looks, in attributes, maps and bodies; all else goes on as it came."""
    forwarding.to(all={"endpoint": endpoint(sink)})
    forwarding.apply(privacy={"deny": ["street address"]})
    secrets = {
        "password": "hunter2",
        "user": {"apiKey": ["k1"], "name": "Ada"},
        "streetAddress": "Elm 1",
        "http.request.header.authorization[0]": "Bearer x",
        "plain": "stays",
        "note": "call +49 151 23456789 or ann@leak.example",
        "order": 5102389123,
    }
    with forwarding.server.door() as door:
        made = traces("api", [span(attributes=secrets)], **{"db.password": "hunter3"})
        made.resource_spans[0].scope_spans[0].spans[0].events.add(name="e").attributes.extend(
            traces("x", [], secret="s").resource_spans[0].resource.attributes[1:]
        )
        assert door.post("/v1/traces", content=made.SerializeToString()).status_code == 200
    eventually(lambda: sink.spans)
    content = b"".join(sink.of("traces"))
    for private in (b"hunter", b"k1", b"Elm", b"Bearer", b"23456789", b"ann@"):
        assert private not in content
    found = plain(sink.spans[0].attributes)
    assert (found["plain"], found["order"], found["note"]) == ("stays", 5102389123, "call [phone] or [email]")
    assert found["user"] == {"apiKey": "[removed]", "name": "Ada"}
    assert found["password"] == found["streetAddress"] == "[removed]"
    assert plain(sink.spans[0].events[0].attributes) == {"secret": "[removed]"}
    forwarding.apply(privacy={})


def test_one_that_hangs_holds_up_nobody(forwarding: Forwarding, sink: OtlpSink, other_sink: OtlpSink) -> None:
    """Neither the other destination nor the door; what waited goes on when the destination is back."""
    back = threading.Event()

    def hang(_: bytes) -> int:
        back.wait()
        return 200

    sink.check = hang
    forwarding.to(
        stuck={"endpoint": endpoint(sink), "timeout": "1s"}, healthy={"endpoint": endpoint(other_sink), "timeout": "1s"}
    )
    forwarding.log("a", "b")
    arrives(other_sink, "a", "b")
    lane = eventually(lambda: found if (found := forwarding.lane("stuck"))["error"] else None)
    assert lane["error"] == "no answer within 1 s"
    assert lane["waiting_bytes"] > 0
    assert lane["retry_at"] is not None
    back.set()
    arrives(sink, "a", "b")
    eventually(lambda: forwarding.lane("stuck")["waiting_bytes"] == 0)


@pytest.mark.parametrize("status", [429, 503, 401, 500])
def test_what_may_pass_is_tried_again(forwarding: Forwarding, sink: OtlpSink, status: int) -> None:
    """Nothing is lost of it."""
    sink.status = status
    forwarding.to(away={"endpoint": endpoint(sink)})
    forwarding.log(f"after {status}")
    assert str(status) in eventually(lambda: forwarding.lane("away")["error"] or None)
    sink.status = 200
    arrives(sink, f"after {status}")


def test_a_body_that_is_refused_costs_no_other(forwarding: Forwarding, sink: OtlpSink) -> None:
    """Bodies that are refused together are sent one by one; the one at fault is dropped, counted and told."""
    sink.status = 503
    forwarding.to(picky={"endpoint": endpoint(sink)})
    forwarding.log("good 1", "poison", "good 2")
    eventually(lambda: forwarding.lane("picky")["error"] or None)
    sink.check = lambda body: 400 if b"poison" in body else 200
    arrives(sink, "good 1", "good 2")
    eventually(lambda: forwarding.lane("picky")["lost"] == {"refused": 1})
    assert texts(sink) == ["good 1", "good 2"]
    assert "forward.refused" in forwarding.server.output()
    with forwarding.server.api() as api:
        hits = api.get("/api/v1/system/limits").json()["hits"]
        metrics = api.get("/metrics").text
    assert "forward_refused" in [hit["reason"] for hit in hits]
    assert re.search(r'midwatch_forward_lost_total\{.*"picky".*"refused".*\} 1', metrics)


def test_only_what_is_selected_goes_on(forwarding: Forwarding, sink: OtlpSink) -> None:
    """By service, by environment and its aliases, and by key."""
    select = {"services": ["api"], "environments": ["production"]}
    forwarding.destinations = {"some": {"endpoint": endpoint(sink), "select": select}}
    forwarding.apply(environments={"production": {"aliases": ["prod"]}})
    forwarding.log("other service", service="worker", **{"deployment.environment.name": "production"})
    forwarding.log("other place", **{"deployment.environment.name": "staging"})
    forwarding.log("nowhere")
    forwarding.log("alias", **{"deployment.environment.name": "prod"})
    forwarding.log("all of it", **{"deployment.environment.name": "production"})
    arrives(sink, "all of it")
    assert texts(sink) == ["alias", "all of it"]
    forwarding.to(by_key={"endpoint": endpoint(sink), "select": {"keys": ["no such key"]}})
    forwarding.log("of another key")
    eventually(lambda: forwarding.lane("by_key")["waiting_bytes"] == 0)
    assert "of another key" not in texts(sink)


def test_over_its_bound_the_oldest_is_given_up(forwarding: Forwarding, sink: OtlpSink) -> None:
    """Counted, told, and what came last is still sent."""
    sink.status = 503
    forwarding.to(small={"endpoint": endpoint(sink), "queue": {"size": "1MiB"}})
    for number in range(8):
        forwarding.log(f"{number} " + "x" * 250_000)
    lane = eventually(lambda: found if (found := forwarding.lane("small"))["waiting_bytes"] <= 1 << 20 else None)
    assert lane["lost"]["queue_full"]
    forwarding.log("the last")
    sink.status = 200
    arrives(sink, "the last")
    assert "forward.given_up" in forwarding.server.output()


def test_destinations_come_and_go(forwarding: Forwarding, sink: OtlpSink, other_sink: OtlpSink) -> None:
    """One that is added gets what comes from then on; one that is removed gets nothing more; another goes on."""
    forwarding.to(first={"endpoint": endpoint(sink)})
    forwarding.log("for one")
    arrives(sink, "for one")
    forwarding.to(first={"endpoint": endpoint(sink)}, second={"endpoint": endpoint(other_sink)})
    forwarding.log("for both")
    arrives(sink, "for both")
    arrives(other_sink, "for both")
    forwarding.to(second={"endpoint": endpoint(other_sink)})
    forwarding.log("for the other")
    arrives(other_sink, "for the other")
    assert "for the other" not in texts(sink)


def test_secrets_are_sent_and_never_told(forwarding: Forwarding, sink: OtlpSink) -> None:
    """Headers of the plan; its answer, its differences and the log have none of their values."""
    forwarding.destinations = {"vendor": {"endpoint": endpoint(sink), "headers": {"x-api-key": "s3cr3t"}}}
    told = str(forwarding.apply())
    forwarding.log("with a header")
    arrives(sink, "with a header")
    with forwarding.server.api() as api:
        told += api.get("/api/v1/plan").text + api.get("/api/v1/forward").text + api.get("/api/v1/audit").text
    assert "s3cr3t" not in told + forwarding.server.output()
    assert ("x-api-key", "s3cr3t") in sink.headers


def test_a_circle_is_refused(forwarding: Forwarding) -> None:
    """A destination that is this server itself: each body is refused once, told, and stored once."""
    url = forwarding.server.url
    forwarding.to(myself={"endpoint": url, "headers": {"authorization": f"Bearer {KEY}"}})
    forwarding.log("round and round")
    lane = eventually(lambda: found if (found := forwarding.lane("myself"))["lost"] else None)
    assert "forwarded by this Midwatch itself" in lane["error"]
    assert lane["lost"] == {"refused": 1}
    forwarding.to()


def test_another_midwatch_takes_it_and_a_circle_of_two_ends(forwarding: Forwarding, own_server: Server) -> None:
    """Two servers that forward to one another have each body once."""
    headers = {"authorization": f"Bearer {KEY}"}
    other = Forwarding(own_server)
    other.to(back={"endpoint": forwarding.server.url, "headers": headers})
    forwarding.to(on={"endpoint": own_server.url, "headers": headers})
    forwarding.log("there and back")
    eventually(lambda: other.lane("back")["lost"] == {"refused": 1})

    def stored(server: Server) -> list[Any]:
        with server.api() as api:
            found: list[Any] = api.get("/api/v1/logs", params={"query": '"there and back"'}).json()["rows"]
        return found

    eventually(lambda: len(stored(own_server)) == 1)
    forwarding.to()


def test_a_killed_server_forgets_nothing(own_server: Server, sink: OtlpSink) -> None:
    """What it took while the destination was away, and what was on its way, is there after the next start."""
    forwarding = Forwarding(own_server)
    forwarding.to(away={"endpoint": endpoint(sink)})
    forwarding.log("before")
    arrives(sink, "before")
    sink.status = 503
    forwarding.log(*(f"during {number}" for number in range(20)))
    eventually(lambda: forwarding.lane("away")["error"] or None)
    own_server.kill()
    sink.status = 200
    own_server.start()
    arrives(sink, *(f"during {number}" for number in range(20)))
    forwarding.log("after")
    arrives(sink, "after")
    assert set(texts(sink)) == set(forwarding.sent)
