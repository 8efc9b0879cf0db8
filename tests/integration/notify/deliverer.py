"""A process that delivers an outbox until it is killed: `python -m tests.integration.notify.deliverer DATABASE URL`."""

import asyncio
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from midwatch.server.model.alert import Alert
from midwatch.server.model.clock import WallClock
from midwatch.server.model.notification import Integration
from midwatch.server.notify.kinds import KINDS
from midwatch.server.notify.links import Links
from midwatch.server.notify.loop import Notifier, Pace
from midwatch.server.notify.sender import Sender, Setup
from midwatch.server.outgoing.files import PlanFiles
from midwatch.server.outgoing.reach import Guard, Reach
from midwatch.server.workspace.database import Database
from midwatch.server.workspace.workspace import Workspace

KEY = "0123456789abcdef0123456789abcdef"


async def deliver(database: str, url: str) -> None:
    clock = WallClock()
    workspace = Workspace(Database(database), clock)
    await workspace.open()
    files = PlanFiles(Path(tempfile.gettempdir()))
    links = await Links.open(workspace)
    sender = Sender(
        Guard(Reach(everything=True)), files, clock, links=links, external_url=lambda: "https://m.example.com"
    )

    async def tell(_: Sequence[Alert]) -> None:
        return None

    pace = Pace(first_retry=0.05, longest_retry=0.2, look=0.05)
    notifier = Notifier(workspace.deliveries, sender, clock, workspace.outbox.woken, tell, pace)
    pagerduty = KINDS["pagerduty"].model_validate({"routing_key": KEY, "url": f"{url}/v2/enqueue"})
    webhook = KINDS["webhook"].model_validate({"url": f"{url}/webhook"})
    integrations = {Integration("oncall", "pagerduty"): pagerduty, Integration("oncall", "webhook"): webhook}
    await notifier.configure(Setup(integrations))
    await notifier.run()


if __name__ == "__main__":
    asyncio.run(deliver(sys.argv[1], sys.argv[2]))
