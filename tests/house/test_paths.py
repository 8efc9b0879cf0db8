"""A status page at a path of the team's choice takes no path of the server's or the page's."""

import re
from pathlib import Path

from tests.integration.auth.routes import MAIN

from midwatch.contract.plan.sections.status_page import TAKEN

ROOT = Path(__file__).resolve().parents[2]
STATUS_PAGE = "/status"


def test_no_path_can_be_shadowed_by_the_status_page() -> None:
    """What the server has and what the page draws is taken, and nothing else is."""
    views = re.findall(r'path: "(/[a-z-]+)', (ROOT / "ui/src/app/router.tsx").read_text(encoding="utf-8"))
    routes = [line.split()[1] for line in MAIN]
    first = {f"/{path.split('/')[1]}" for path in routes + views}
    assert set(TAKEN) == {path for path in first if "{" not in path} - {STATUS_PAGE} | {"/assets"}
