"""Secrets and numbers in every field of every signal of a running server, looked for wherever it keeps anything."""

from pathlib import Path

from tests.conftest import Server
from tests.eventually import eventually
from tests.integration.privacy.canaries import Canaries
from tests.integration.privacy.decoded import Search
from tests.integration.privacy.senders import everything

PLAN = "privacy:\n  region: DE\n"
OF_THE_TEST = frozenset({"observability"})


def _run(directory: Path, plan: str) -> tuple[Canaries, dict[str, str], str]:
    """What was planted, where each value was found on the disk, and what was found in answers."""
    (directory / "observability").mkdir(parents=True)
    (directory / "observability" / "midwatch.yml").write_text(plan)
    server = Server(directory / "data", {}, ("--plan", str(directory / "observability"))).start()
    canaries = Canaries()
    try:
        everything(server, canaries)
        eventually(lambda: not list((server.data / "wal").glob("*.wal")) or None, seconds=60)
        shown = ""
        with server.api() as api:
            for path in (
                "logs/export?format=ndjson&start=now-1h",
                "privacy/leaks",
                "issues?status=all",
                "dead-letters",
            ):
                shown += api.get(f"/api/v1/{path}").text
    finally:
        server.stop()
    search = Search(canaries.forms())
    found = search.in_directory(server.data)
    return canaries, found, " ".join(search.in_bytes(shown.encode()))


def test_without_rules_every_canary_is_found(tmp_path: Path) -> None:
    """The control: what the search cannot find here, its silence would say nothing of."""
    canaries, found, _shown = _run(tmp_path, PLAN + "  at_the_server: false\n")
    unseen = {place for value, place in canaries.planted.items() if value not in found}
    assert not unseen, f"{len(unseen)} of {len(canaries.planted)} were not found: {sorted(unseen)[:40]}"


def test_with_rules_none_is(tmp_path: Path) -> None:
    """Tables with parts that are in use no more, roll-ups, the workspace, blobs, log, dead letters, output, answers."""
    canaries, found, shown = _run(tmp_path, PLAN)
    leaked = {f"{canaries.planted[value]} ({where})" for value, where in found.items()}
    assert not leaked, f"{len(leaked)} of {len(canaries.planted)} were found: {sorted(leaked)[:60]}"
    assert not shown
