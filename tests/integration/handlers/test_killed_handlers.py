"""kill -9 of the app, or of the server, in the middle of a replay: nothing is run twice, and nothing is lost."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Server
from tests.eventually import eventually
from tests.integration.handlers.dying import Dying, ordered, over
from tests.integration.sdk.conftest import Run, free_port, run, sink

pytestmark = pytest.mark.thorough

__all__ = ["run", "sink"]


@pytest.fixture(scope="module")
def victim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    port = free_port()
    server = Server(tmp_path_factory.mktemp("victim") / "data", options=("--otlp-http-port", str(port))).start()
    yield server
    server.stop()


@pytest.fixture
def dying(victim: Server, run: Run, tmp_path: Path) -> Dying:
    dying = Dying(run, victim, int(victim.options[1]), tmp_path)
    dying.told["SERVICE_NAME"] = tmp_path.name
    return dying


@pytest.mark.parametrize(
    ("place", "outcomes", "paid"),
    [
        ("before it is told", ["done"], 1),
        ("after it is paid", ["unknown"], 1),
        ("before it is paid", ["unknown", "done"], 1),
    ],
)
def test_an_app_that_dies_in_a_replay(dying: Dying, place: str, outcomes: list[str], paid: int) -> None:
    """What it had noted is known; what it had not, nobody can know: it runs again when a person says so alone."""
    (run_id,) = dying.fail(1)
    dying.file("die").write_text(place)
    with dying.server.api() as api:
        batch = ordered(api, ids=[run_id])
        eventually(dying.gone, seconds=60)
        dying.start()
        (order,) = over(dying.server, batch)
        assert order["outcome"] == outcomes[0]
        if len(outcomes) > 1:
            (order,) = over(dying.server, ordered(api, ids=[run_id], confirm_unknown=True))
            assert order["outcome"] == outcomes[1]
    assert dying.paid() == {0: paid}


def test_a_server_that_dies_in_a_replay(dying: Dying) -> None:
    """The order and how it ended are there afterwards: the app tells it to the next one."""
    (run_id,) = dying.fail(1)
    dying.file("wait").touch()
    with dying.server.api() as api:
        batch = ordered(api, ids=[run_id])
        eventually(lambda: api.get(f"/api/v1/handler-replays/{batch}").json()["orders"][0]["state"] == "given")
    dying.server.kill()
    dying.file("wait").unlink()
    eventually(lambda: dying.paid() == {0: 1})
    dying.server.start()
    (order,) = over(dying.server, batch)
    assert (order["outcome"], dying.paid()) == ("done", {0: 1})
