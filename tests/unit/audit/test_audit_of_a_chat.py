"""What a team found by hand in a chat of its own comes out, each with its place."""

import pytest

from midwatch.audit import Options, Report, audit
from tests.unit.audit import chat_app


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    return audit(chat_app.write(tmp_path_factory.mktemp("chat")), Options())


SERVER, REACTIONS, ASSISTANT = (
    "server/index.ts",
    "src/app/api/chat/messages/[messageId]/reactions/route.ts",
    "src/app/api/ai/ticket-assistant/route.ts",
)


@pytest.mark.parametrize(
    ("rule", "file", "line"),
    [
        ("print-as-log", SERVER, 11),
        ("print-as-log", REACTIONS, 13),
        ("print-as-log", "src/lib/socket.ts", 6),
        ("failed-start-ignored", SERVER, 16),
        ("client-errors-unheard", SERVER, 8),
        ("disconnects-unseen", SERVER, 27),
        ("disconnects-unseen", "src/lib/socket.ts", 5),
        ("socket-errors-unheard", "src/lib/socket.ts", 4),
        ("emit-without-ack", SERVER, 25),
        ("emit-without-ack", "src/lib/socket.ts", 9),
        ("handler-without-log", ASSISTANT, 13),
        ("call-without-timeout", ASSISTANT, 11),
        ("in-memory-state", ASSISTANT, 5),
        ("in-memory-metrics", "src/lib/metrics.ts", 1),
        ("in-memory-metrics", "src/lib/metrics.ts", 2),
        ("in-memory-metrics", "src/lib/telemetry.ts", 1),
        ("in-memory-rate-limit", "src/lib/rateLimit.ts", 2),
        ("swallowed-exception", "src/components/ChatRoom.tsx", 8),
        ("no-error-boundary", "src/app/layout.tsx", 1),
        ("no-error-tracking", "src/app/layout.tsx", 1),
        ("no-error-tracking", SERVER, 31),
        ("no-structured-logging", SERVER, 31),
        ("no-health-endpoint", SERVER, 31),
        ("no-central-error-handler", ASSISTANT, 1),
        ("no-last-resort", SERVER, 31),
        ("no-request-log", SERVER, 31),
        ("no-metrics", SERVER, 31),
        ("no-tracing", SERVER, 31),
        ("library-not-used", "package.json", 3),
    ],
)
def test_what_is_missing_is_told_where_it_is_missing(report: Report, rule: str, file: str, line: int) -> None:
    """Each thing of the audit by hand: file and line."""
    assert (rule, file, line) in {(one.rule.name, one.file, one.line) for one in report.findings}


@pytest.mark.parametrize(
    ("kind", "name", "file"),
    [
        ("audit log", "writeAuditLog", "src/lib/audit.ts"),
        ("graceful shutdown", "SIGTERM", SERVER),
        ("server", "server.listen", SERVER),
        ("socket", "connection", SERVER),
        ("error answer", "429 RATE_LIMITED", REACTIONS),
        ("error answer", "500 INTERNAL_ERROR", REACTIONS),
        ("request handler", "POST /api/ai/ticket-assistant", ASSISTANT),
        ("console in development only", "console.log", "src/components/ChatRoom.tsx"),
        ("library", "@prisma/client: database", "src/lib/prisma.ts"),
        ("library", "redis: Redis", SERVER),
        ("library", "openai: language model", ASSISTANT),
        ("external call", "new OpenAI", ASSISTANT),
        ("locked dependency", "@opentelemetry/api", "pnpm-lock.yaml"),
        ("rate limit", "store", "src/lib/rateLimit.ts"),
    ],
)
def test_what_is_there_is_counted(report: Report, kind: str, name: str, file: str) -> None:
    """The inventory has what exists, good and bad."""
    assert (kind, name, file) in {(one.kind, one.name, one.file) for one in report.facts}


def test_what_is_as_it_should_be_is_not_told(report: Report) -> None:
    """SIGTERM is handled, the reactions' failure is said, a test may swallow, what is told in development alone is no log."""
    told = {(one.rule.name, one.file) for one in report.findings}
    assert not [one for one in told if one[0] == "no-graceful-shutdown"]
    assert ("handler-without-log", REACTIONS) not in told
    assert ("print-as-log", "src/components/ChatRoom.tsx") not in told
    assert not [one for one in told if "__tests__" in one[1]]
    assert report.files == {"python": 0, "javascript": 11, "tests": 1, "left out": 0}
    tracing = next(one for one in report.findings if one.rule.name == "no-tracing")
    assert "@opentelemetry/api stands in pnpm-lock.yaml, and nothing of ours imports it" in tracing.message
