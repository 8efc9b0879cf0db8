"""A process that sends subscribers' mails until it is killed: `python -m …status_mailer DATABASE PORT`."""

import asyncio
import sys
import tempfile
from pathlib import Path

from midwatch.contract.plan.sections.status_page import StatusPage
from midwatch.server.model.clock import WallClock
from midwatch.server.monitors.rooms import monitor_rooms
from midwatch.server.monitors.status_page.mailing import Mailing, MailPace
from midwatch.server.notify.links import Links
from midwatch.server.notify.mailer import Mailer
from midwatch.server.outgoing.files import PlanFiles
from midwatch.server.outgoing.reach import Guard, Reach
from midwatch.server.workspace.database import Database
from midwatch.server.workspace.workspace import Workspace


async def send(database: str, port: int) -> None:
    clock = WallClock()
    workspace = Workspace(Database(database), clock)
    await workspace.open()
    guard, files = Guard(Reach(everything=True)), PlanFiles(Path(tempfile.gettempdir()))
    everywhere = {
        "smtp_smarthost": f"127.0.0.1:{port}",
        "smtp_from": "status@example.org",
        "smtp_require_tls": False,
    }
    monitors = monitor_rooms(workspace, guard, files, clock)
    mailer = Mailer(guard, files, clock, lambda: everywhere)
    monitors.mails_by(mailer, await Links.open(workspace), lambda: "https://m.example.com")
    await monitors.status.configure(StatusPage(title="Shop status"))
    pace = MailPace(first_retry=0.05, first_pause=0.05, longest_pause=0.1, between=0.0, look=0.05)
    await Mailing(workspace.status_mails, monitors.status, monitors.subscriptions, clock, pace).run()


if __name__ == "__main__":
    asyncio.run(send(sys.argv[1], int(sys.argv[2])))
