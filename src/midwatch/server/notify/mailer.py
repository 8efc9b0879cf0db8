"""Mail by the mail server of `alertmanager.yml`'s `global`, to people who are no receivers: a `Post` of the model."""

import asyncio
import email.policy
import email.utils
import smtplib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.errors import MessageError
from email.message import EmailMessage
from typing import Any

from midwatch.server.model.clock import Clock
from midwatch.server.model.mail import HandedOver, Mail, Taken
from midwatch.server.notify.channel import Globals
from midwatch.server.notify.channels.email.config import EmailConfig
from midwatch.server.notify.channels.email.smtp import (
    SECONDS,
    RecipientsNotNow,
    RecipientsRefused,
    Refused,
    connect,
    hand_over,
)
from midwatch.server.notify.channels.email.way import mail_server
from midwatch.server.notify.connection import Unreachable
from midwatch.server.notify.request import Secrets
from midwatch.server.outgoing.files import FileRefused, PlanFiles
from midwatch.server.outgoing.reach import Guard

MAILS_PER_CONNECTION = 100
"""Mail servers end longer ones by themselves."""
_ERROR_CHARACTERS = 300


class Mailer:
    """Keeps one connection while mails go out, and has one sender at a time. Owned by one event loop."""

    def __init__(
        self, guard: Guard, files: PlanFiles, clock: Clock, everywhere: Callable[[], Mapping[str, Any]]
    ) -> None:
        """`everywhere`: `global` of the alertmanager.yml in force."""
        self._guard, self._files, self._clock, self._everywhere = guard, files, clock, everywhere
        self._client: smtplib.SMTP | None = None
        self._by: Mapping[str, Any] = {}
        """The settings that the connection was made by."""
        self._left = 0

    @property
    def ready(self) -> bool:
        said = Globals(self._everywhere()).text
        return bool(said("smtp_smarthost") and said("smtp_from"))

    async def send(self, mail: Mail) -> HandedOver:
        if not self.ready:
            return HandedOver(Taken.NOT_NOW, "global in alertmanager.yml has no smtp_smarthost and smtp_from")
        secrets = Secrets()
        try:
            made = self._made(mail)
        except ValueError as error:
            return HandedOver(Taken.NEVER, str(error))
        try:
            client = await self._connection(secrets)
            sender = email.utils.parseaddr(str(made["From"]))[1]
            await asyncio.wait_for(asyncio.to_thread(hand_over, client, sender, [mail.to], made), SECONDS + 5)
            self._left -= 1
            return HandedOver(Taken.YES)
        except (RecipientsRefused, RecipientsNotNow) as error:
            taken = Taken.NEVER if isinstance(error, RecipientsRefused) else Taken.LATER
            return HandedOver(taken, _without(mail.to, secrets.masked(str(error))))
        except TimeoutError:
            cause = f"no answer within {SECONDS:g} s"
        except (Refused, Unreachable, ValueError) as error:
            cause = str(error)
        except (smtplib.SMTPException, OSError) as error:
            cause = f"{type(error).__name__}: {error}"
        await self.rest()
        return HandedOver(Taken.NOT_NOW, _without(mail.to, secrets.masked(cause)))

    async def rest(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await asyncio.to_thread(client.close)

    async def _connection(self, secrets: Secrets) -> smtplib.SMTP:
        """Raises what `connect` raises, Unreachable and ValueError."""
        everywhere = self._everywhere()
        if self._client is not None and (self._left <= 0 or everywhere != self._by):
            await self.rest()
        if self._client is None:

            async def secret(value: str, file: str) -> str:
                return secrets.add((await asyncio.to_thread(self._read, file)) if file else value)

            server = await mail_server(EmailConfig(to="-"), Globals(everywhere), self._guard, self._files, secret)
            self._client = await asyncio.wait_for(asyncio.to_thread(connect, server), SECONDS + 5)
            self._by, self._left = everywhere, MAILS_PER_CONNECTION
        return self._client

    def _read(self, file: str) -> str:
        try:
            return self._files.text(file).strip()
        except FileRefused as error:
            raise Unreachable(str(error)) from None

    def _made(self, mail: Mail) -> EmailMessage:
        """Raises ValueError."""
        sender = Globals(self._everywhere()).text("smtp_from")
        domain = (email.utils.parseaddr(sender)[1].rpartition("@")[2] or "midwatch").lower()
        made = EmailMessage(policy=email.policy.SMTP)
        headers = {
            "From": sender,
            "To": mail.to,
            "Subject": mail.subject,
            "Date": email.utils.format_datetime(datetime.fromtimestamp(self._clock.now_ns() / 1e9, UTC)),
            "Message-ID": f"<{mail.id}@{domain}>",
            # RFC 3834: no answering machine answers it.
            "Auto-Submitted": "auto-generated",
            **(dict.fromkeys(("References", "In-Reply-To"), f"<{mail.thread}@{domain}>") if mail.thread else {}),
            **mail.headers,
        }
        try:
            for name, value in headers.items():
                made[name] = " ".join(value.split())
        except (MessageError, IndexError, AttributeError) as error:
            raise ValueError(f"expected headers of a mail: {error}") from None
        made.set_content(mail.text)
        made.add_alternative(mail.html, subtype="html")
        return made


def _without(address: str, text: str) -> str:
    """Addresses are kept in one place alone."""
    return text.replace(address, "the recipient")[:_ERROR_CHARACTERS]
