"""What fails inside of a hook is counted, and the app's own call goes on."""

import subprocess
import sys

from opentelemetry.trace import get_current_span

from midwatch.sdk import http_client
from midwatch.sdk.guard import HOOKS, guarded
from midwatch.sdk.messages import received
from midwatch.sdk.problems import PROBLEMS

UNTOLD = """
import sqlalchemy, httpx, redis, midwatch
for library in (sqlalchemy, httpx, redis):
    midwatch.instrument(library)
    midwatch.instrument(library)
with sqlalchemy.create_engine("sqlite://").connect() as connection:
    assert connection.execute(sqlalchemy.text("SELECT 1")).scalar() == 1
transport = httpx.MockTransport(lambda request: httpx.Response(200, headers={"x-ratelimit-remaining": "x"}))
with midwatch.received({b"x-correlation-id": b"c"}), httpx.Client(transport=transport) as client:
    assert client.get("http://a.example").request.headers["x-correlation-id"] == "c"
try:
    redis.Redis(port=1).ping()
except redis.ConnectionError:
    print("as without it", midwatch.ids())
"""


def test_a_hook_that_fails_is_counted_and_gives_nothing() -> None:
    @guarded
    def hook(number: int) -> int:
        return 1 // number

    assert hook(1) == 1
    before = sum(PROBLEMS.counts().values())
    assert hook(0) is None
    assert sum(PROBLEMS.counts().values()) == before + 1
    assert any(signal == HOOKS and reason.endswith("hook") for signal, reason in PROBLEMS.counts())


def test_a_call_that_cannot_be_told_is_none() -> None:
    """What the library gives is not what the hook expects: the caller sees it by the None, and calls untold."""
    nonsense: dict[str, str] = None  # type: ignore[assignment]
    with received({"x-correlation-id": "c"}):
        before = get_current_span()
        assert http_client.begin("GET", "http://a.example", "a.example", None, "/", nonsense) is None
        assert get_current_span() is before


def test_clients_work_before_init() -> None:
    done = subprocess.run([sys.executable, "-c", UNTOLD], capture_output=True, timeout=60, check=False)
    assert done.stdout == b"as without it {}\n", done.stderr.decode()
    assert done.stderr == b""
