"""Mail by SMTP (RFC 5321), in a thread: STARTTLS where the server has it, TLS from the start on port 465."""

import asyncio
import email.utils
import smtplib
import socket
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

from pydantic import ValidationError

from midwatch.contract.plan.scrape.access import TlsConfig
from midwatch.server.notify.channel import Channel, Job, composed
from midwatch.server.notify.channels.email.config import EmailConfig, host_port
from midwatch.server.notify.channels.email.message import message, recipients
from midwatch.server.notify.connection import Unreachable
from midwatch.server.notify.outcome import Outcome, Verdict
from midwatch.server.notify.request import BODY_CHARACTERS_KEPT
from midwatch.server.outgoing.access import tls_context
from midwatch.server.outgoing.files import FileRefused
from midwatch.server.outgoing.reach import AddressRefused, ResolverBusy

SECONDS = 30.0
IMPLICIT_TLS_PORT = "465"


@dataclass(frozen=True, slots=True)
class _Server:
    host: str
    port: int
    addresses: tuple[str, ...]
    hello: str
    implicit_tls: bool
    require_tls: bool
    context: ssl.SSLContext
    username: str
    password: str
    cram_secret: str


class _Refused(Exception):
    """For good; the message says why."""


async def send(job: Job, config: EmailConfig) -> Outcome:
    said = job.globals.text
    sender = config.from_ or said("smtp_from")
    try:
        host, port = host_port(config.smarthost or said("smtp_smarthost"))
        domain = (email.utils.parseaddr(sender)[1].rpartition("@")[2] or "midwatch").lower()
        made = await composed(message, job.told, config, sender, domain, job.now_seconds)
        to = recipients(str(made["To"]))
        tls = config.tls_config or TlsConfig.model_validate(job.globals.value("smtp_tls_config") or {})
        context = await asyncio.to_thread(tls_context, tls, job.files)
        addresses = await job.guard.addresses(host, int(port))
    except (AddressRefused, ResolverBusy, FileRefused, OSError) as error:
        raise Unreachable(str(error)) from None
    except (ValueError, ValidationError) as error:
        return Outcome(Verdict.REFUSED, str(error))
    server = _Server(
        host=host,
        port=int(port),
        addresses=tuple(addresses),
        hello=config.hello or said("smtp_hello", "localhost"),
        implicit_tls=_either(
            config.force_implicit_tls, job.globals.value("smtp_force_implicit_tls"), port == IMPLICIT_TLS_PORT
        ),
        require_tls=_either(config.require_tls, job.globals.value("smtp_require_tls"), True),
        context=context,
        username=config.auth_username or said("smtp_auth_username"),
        password=await _secret(job, config, "auth_password"),
        cram_secret=await _secret(job, config, "auth_secret"),
    )
    exchange: dict[str, Any] = {"request": _kept(job, made, server, to), "answer": None}
    job.exchanges.append(exchange)
    try:
        answer = await asyncio.wait_for(asyncio.to_thread(_sent, server, sender, to, made), SECONDS + 5)
    except TimeoutError:
        raise Unreachable(f"no answer within {SECONDS:g} s") from None
    except _Refused as error:
        exchange["answer"] = {"body": job.secrets.masked(str(error))}
        return Outcome(Verdict.REFUSED, job.secrets.masked(str(error)))
    except (smtplib.SMTPException, OSError) as error:
        raise Unreachable(job.secrets.masked(f"{type(error).__name__}: {error}")[:300]) from None
    exchange["answer"] = {"body": job.secrets.masked(answer)}
    return Outcome(Verdict.DELIVERED)


def _either(own: bool | None, everywhere: Any, otherwise: bool) -> bool:  # noqa: FBT001
    if own is not None:
        return own
    return everywhere if isinstance(everywhere, bool) else otherwise


async def _secret(job: Job, config: EmailConfig, name: str) -> str:
    value, file = getattr(config, name), getattr(config, f"{name}_file")
    if not value and not file:
        value, file = job.globals.text(f"smtp_{name}"), job.globals.text(f"smtp_{name}_file")
    return await job.secret(value, file) if value or file else ""


def _kept(job: Job, made: EmailMessage, server: _Server, to: list[str]) -> dict[str, Any]:
    body = made.get_body(("plain", "html"))
    text = str(body.get_content()) if body is not None else ""
    return {
        "method": "SMTP",
        "url": f"smtp{'s' if server.implicit_tls else ''}://{server.host}:{server.port}",
        "headers": {name: job.secrets.masked(str(value)) for name, value in made.items()} | {"rcpt to": ", ".join(to)},
        "body": job.secrets.masked(text)[:BODY_CHARACTERS_KEPT],
    }


def _sent(server: _Server, sender: str, to: list[str], made: EmailMessage) -> str:
    """In a thread. The server's last word.

    Raises:
        _Refused: 5xx.
        smtplib.SMTPException, OSError: anything else: later it may be taken.
    """
    client = _connected(server)
    try:
        try:
            if not server.implicit_tls and (client.has_extn("starttls") or server.require_tls):
                if not client.has_extn("starttls"):
                    raise _Refused("the mail server has no STARTTLS, which require_tls wants")
                client.starttls(context=server.context)
                client.ehlo()
            _logged_in(client, server)
            refused = client.send_message(made, email.utils.parseaddr(sender)[1], to)
        except smtplib.SMTPRecipientsRefused as error:
            raise _of_codes({address: code for address, (code, _) in error.recipients.items()}) from None
        except smtplib.SMTPResponseException as error:
            text = (
                error.smtp_error.decode(errors="replace") if isinstance(error.smtp_error, bytes) else error.smtp_error
            )
            if 500 <= error.smtp_code < 600:
                raise _Refused(f"the mail server refuses it: {error.smtp_code} {text}"[:300]) from None
            raise
    finally:
        client.close()
    return f"taken; refused for {', '.join(refused)}" if refused else "taken"


def _of_codes(codes: dict[str, int]) -> Exception:
    shown = ", ".join(f"{address}: {code}" for address, code in codes.items())[:250]
    if all(500 <= code < 600 for code in codes.values()):
        return _Refused(f"the mail server refuses the recipients: {shown}")
    return smtplib.SMTPException(f"the mail server does not take the recipients now: {shown}")


def _connected(server: _Server) -> smtplib.SMTP:
    """To an address that was judged; TLS checks the name that was configured."""
    failure: OSError = OSError("no address")
    for address in server.addresses:
        try:
            plain = socket.create_connection((address, server.port), SECONDS)
        except OSError as error:
            failure = error
            continue
        return _Client(plain, server)
    raise failure


class _Client(smtplib.SMTP):
    """Over a connection that is there already."""

    def __init__(self, connected: socket.socket, server: _Server) -> None:
        self._connected = connected
        self._server = server
        super().__init__(server.host, server.port, local_hostname=server.hello, timeout=SECONDS)
        self.ehlo_or_helo_if_needed()

    def _get_socket(self, _host: str, _port: int, _timeout: float) -> socket.socket:
        if self._server.implicit_tls:
            return self._server.context.wrap_socket(self._connected, server_hostname=self._server.host)
        return self._connected


def _logged_in(client: smtplib.SMTP, server: _Server) -> None:
    if not server.username or not client.has_extn("auth"):
        return
    mechanisms = str(client.esmtp_features.get("auth", "")).upper().split()
    if "CRAM-MD5" in mechanisms and server.cram_secret:
        client.user, client.password = server.username, server.cram_secret
        client.auth("CRAM-MD5", client.auth_cram_md5)
        return
    client.login(server.username, server.password)


CHANNEL = Channel("email", EmailConfig, send, seconds_between=0.1)
