"""Mail by SMTP, in a thread."""

import asyncio
import email.utils
import smtplib
from email.message import EmailMessage
from typing import Any

from pydantic import ValidationError

from midwatch.server.notify.channel import Channel, Job, composed
from midwatch.server.notify.channels.email.config import EmailConfig
from midwatch.server.notify.channels.email.message import message, recipients
from midwatch.server.notify.channels.email.smtp import (
    SECONDS,
    MailServer,
    RecipientsNotNow,
    Refused,
    connect,
    hand_over,
)
from midwatch.server.notify.channels.email.way import mail_server
from midwatch.server.notify.connection import Unreachable
from midwatch.server.notify.outcome import Outcome, Verdict
from midwatch.server.notify.request import BODY_CHARACTERS_KEPT


async def send(job: Job, config: EmailConfig) -> Outcome:
    sender = config.from_ or job.globals.text("smtp_from")
    try:
        domain = (email.utils.parseaddr(sender)[1].rpartition("@")[2] or "midwatch").lower()
        made = await composed(message, job.told, config, sender, domain, job.now_seconds)
        to = recipients(str(made["To"]))
        server = await mail_server(config, job.globals, job.guard, job.files, job.secret)
    except (ValueError, ValidationError) as error:
        return Outcome(Verdict.REFUSED, str(error))
    exchange: dict[str, Any] = {"request": _kept(job, made, server, to), "answer": None}
    job.exchanges.append(exchange)
    try:
        answer = await asyncio.wait_for(asyncio.to_thread(_sent, server, sender, to, made), SECONDS + 5)
    except TimeoutError:
        raise Unreachable(f"no answer within {SECONDS:g} s") from None
    except Refused as error:
        exchange["answer"] = {"body": job.secrets.masked(str(error))}
        return Outcome(Verdict.REFUSED, job.secrets.masked(str(error)))
    except (RecipientsNotNow, smtplib.SMTPException, OSError) as error:
        raise Unreachable(job.secrets.masked(f"{type(error).__name__}: {error}")[:300]) from None
    exchange["answer"] = {"body": job.secrets.masked(answer)}
    return Outcome(Verdict.DELIVERED)


def _kept(job: Job, made: EmailMessage, server: MailServer, to: list[str]) -> dict[str, Any]:
    body = made.get_body(("plain", "html"))
    text = str(body.get_content()) if body is not None else ""
    return {
        "method": "SMTP",
        "url": f"smtp{'s' if server.implicit_tls else ''}://{server.host}:{server.port}",
        "headers": {name: job.secrets.masked(str(value)) for name, value in made.items()} | {"rcpt to": ", ".join(to)},
        "body": job.secrets.masked(text)[:BODY_CHARACTERS_KEPT],
    }


def _sent(server: MailServer, sender: str, to: list[str], made: EmailMessage) -> str:
    """In a thread. What is said of it; raises what `connect` and `hand_over` raise."""
    client = connect(server)
    try:
        refused = hand_over(client, email.utils.parseaddr(sender)[1], to, made)
    finally:
        client.close()
    return f"taken; refused for {', '.join(refused)}" if refused else "taken"


CHANNEL = Channel("email", EmailConfig, send, seconds_between=0.1)
