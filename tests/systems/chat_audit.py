"""What the document's authors found by hand, and what the audit finds."""

import json
import subprocess
import sys
from typing import Any

from tests.systems.running import ROOT

SYSTEM = ROOT / "examples" / "chat"
BY_HAND = (
    ("MW101", "server/index.ts", "Database connected"),
    ("MW101", "server/index.ts", "Client disconnected"),
    ("MW101", "src/app/api/chat/messages/[messageId]/reactions/route.ts", "Failed to add reaction"),
    ("MW101", "src/app/api/ai/ticket-assistant/route.ts", "AI assistant error"),
    ("MW101", "src/lib/audit.ts", "Failed to write audit log"),
    ("MW204", "server/index.ts", "catch"),
    ("MW406", "server/index.ts", "emit"),
    ("MW405", "src/lib/socket.ts", "disconnect"),
    ("MW503", "server/index.ts", "createClient"),
    ("MW601", "src/lib/metrics.ts", "slowQueries"),
    ("MW601", "src/lib/metrics.ts", "socketLatencies"),
    ("MW602", "src/lib/rateLimit.ts", "store"),
    # These are missing as a whole: error tracking on both sides, health, logger, boundary, handler, request log …
    *((rule, "", "") for rule in ("MW206", "MW301", "MW105", "MW205", "MW207", "MW701", "MW702", "MW703")),
)
"""Rule, file, a word of the line."""


def audited(folder: str) -> list[dict[str, Any]]:
    """The findings of `midwatch audit` in a folder of the system."""
    command = [sys.executable, "-m", "midwatch", "audit", str(SYSTEM / folder), "--format", "json"]
    done = subprocess.run([*command, "--fail-on", "never"], capture_output=True, text=True, check=True)
    found: list[dict[str, Any]] = json.loads(done.stdout)["findings"]
    return found
