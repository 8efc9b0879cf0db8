"""Whatever an error carries, in whatever place: no generated secret is in what would be sent."""

from dataclasses import dataclass, field
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from midwatch.contract.redaction.values import Redactor
from midwatch.sdk import context
from midwatch.sdk.error_policy import ErrorPolicy
from midwatch.sdk.errors import Errors
from midwatch.sdk.log_lines import LogKeys, json_line
from midwatch.sdk.logging import LogPipe
from midwatch.sdk.metrics import Metrics
from midwatch.sdk.problems import Problems
from midwatch.sdk.wire.logs import LogEncoder, LogRecord

ALPHANUMERIC = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=20, max_size=30)
UNDER_A_KEY = st.tuples(
    st.sampled_from(
        ["password", "apiKey", "x-api-key", "STRIPE_SECRET_KEY", "session_token", "cookie", "authorization"]
    ),
    ALPHANUMERIC.map(lambda text: f"canary{text}"),
)
BY_ITS_LOOK = st.one_of(
    ALPHANUMERIC.map(lambda text: f"sk-{text}"),
    ALPHANUMERIC.map(lambda text: f"Bearer {text}"),
    ALPHANUMERIC.map(lambda text: f"canary{text}@example.com"),
    ALPHANUMERIC.map(lambda text: f"eyJ{text}.eyJ{text}.{text}"),
)


@dataclass
class Holder:
    """An object of the app's that holds it, and would show it."""

    password: str
    inner: Any = None
    shown: str = field(init=False)

    def __post_init__(self) -> None:
        self.shown = self.password

    def __repr__(self) -> str:
        return f"Holder({self.password})"


class Opaque:
    """One that is no plain value, and would tell what it holds."""

    def __init__(self, under_a_key: tuple[str, str], by_look: str) -> None:
        self.key, self.secret = under_a_key
        self.by_look = by_look

    def __repr__(self) -> str:
        return f"Opaque({self.secret}, {self.by_look})"


def nested(key: str, secret: str, by_look: str) -> Any:
    return {"plain": [{"deep": {key: secret, "text": f"sent {by_look}, done"}}], "set": {by_look}}


class SecretiveError(Exception):
    pass


def captured(raised: BaseException, **about: Any) -> tuple[bytes, list[bytes]]:
    records: list[LogRecord] = []
    lines: list[bytes] = []
    problems = Problems()
    pipe = LogPipe(
        service="s",
        environment="",
        keys=LogKeys(),
        redactor=Redactor(),
        write=lambda line: lines.append(json_line(line)),
        send=records.append,
    )
    errors = Errors(ErrorPolicy(), pipe, Redactor(), Metrics(CollectorRegistry(), problems), problems)
    with context.work("c-1"):
        pipe.emit("info", about["message"], about["extras"])
        assert errors.capture(raised, **{key: value for key, value in about.items() if key != "message"})
    assert problems.counts() == {}
    assert records[-1].event_name == "exception"
    return b"".join(map(LogEncoder().record, records)), lines


def fail(held: Opaque, **headers: str) -> list[Any]:
    local, mail = nested(held.key, held.secret, held.by_look), f"to {held.by_look}"
    pair = (mail, {held.key: [held.secret]}, {held.by_look: held})
    holder, password = Holder("x", inner={held.key: held.secret}), held.secret
    try:
        raise KeyError(mail)
    except KeyError as cause:
        raise SecretiveError(f"cannot reach {held.by_look}") from cause
    return [headers, local, pair, holder, password]


@given(st.builds(Opaque, UNDER_A_KEY, BY_ITS_LOOK))
def test_no_secret_leaves_with_an_error(held: Opaque) -> None:
    """In locals, messages, causes, tags, extras, users and breadcrumbs: of what is sent and of what is written."""
    key, by_look = held.key, held.by_look
    try:
        fail(held, **{key: held.secret})
    except SecretiveError as error:
        sent, lines = captured(
            error,
            message=f"calling {by_look}",
            user={"id": "u", key: held.secret, "mail": by_look},
            tags={key: held.secret, "to": by_look},
            extras=nested(key, held.secret, by_look) | {key: held.secret},
        )
    tail = by_look.removeprefix("Bearer ").removeprefix("sk-")
    for place in (sent, *lines):
        assert held.secret.encode() not in place
        assert tail.encode() not in place
