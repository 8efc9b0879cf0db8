"""SMTP (RFC 5321) to one mail server: STARTTLS where it has it, TLS from the start on port 465. Blocks: for threads."""

import smtplib
import socket
import ssl
from dataclasses import dataclass
from email.message import EmailMessage

SECONDS = 30.0
IMPLICIT_TLS_PORT = "465"


@dataclass(frozen=True, slots=True)
class MailServer:
    host: str
    port: int
    addresses: tuple[str, ...]
    """Those that were judged."""
    hello: str
    implicit_tls: bool
    require_tls: bool
    context: ssl.SSLContext
    username: str
    password: str
    cram_secret: str


class Refused(Exception):
    """For good; the message says why."""


class RecipientsRefused(Refused):
    """For good, because of whom it is to; the server may take other mails."""


class RecipientsNotNow(Exception):
    """Because of whom it is to, and only for now; the server may take other mails."""


def connect(server: MailServer) -> smtplib.SMTP:
    """Greeted, over TLS and logged in as far as it is to be.

    Raises:
        Refused: 5xx, or no TLS where it is required.
        smtplib.SMTPException, OSError: anything else: later it may work.
    """
    client = _connected(server)
    try:
        if not server.implicit_tls and (client.has_extn("starttls") or server.require_tls):
            if not client.has_extn("starttls"):
                raise Refused("the mail server has no STARTTLS, which require_tls wants")
            client.starttls(context=server.context)
            client.ehlo()
        _log_in(client, server)
    except smtplib.SMTPResponseException as error:
        client.close()
        raise _of_answer(error) from None
    except BaseException:
        client.close()
        raise
    return client


def hand_over(client: smtplib.SMTP, sender: str, to: list[str], made: EmailMessage) -> list[str]:
    """The recipients that were refused, where others were not.

    Raises:
        RecipientsRefused, RecipientsNotNow: none of them was taken.
        Refused: 5xx for another reason.
        smtplib.SMTPException, OSError: anything else: later it may be taken.
    """
    try:
        return list(client.send_message(made, sender, to))
    except smtplib.SMTPRecipientsRefused as error:
        raise _of_codes({address: code for address, (code, _) in error.recipients.items()}) from None
    except smtplib.SMTPResponseException as error:
        raise _of_answer(error) from None


def _of_answer(error: smtplib.SMTPResponseException) -> Exception:
    text = error.smtp_error.decode(errors="replace") if isinstance(error.smtp_error, bytes) else error.smtp_error
    if 500 <= error.smtp_code < 600:
        return Refused(f"the mail server refuses it: {error.smtp_code} {text}"[:300])
    return error


def _of_codes(codes: dict[str, int]) -> Exception:
    shown = ", ".join(f"{address}: {code}" for address, code in codes.items())[:250]
    if all(500 <= code < 600 for code in codes.values()):
        return RecipientsRefused(f"the mail server refuses the recipients: {shown}")
    return RecipientsNotNow(f"the mail server does not take the recipients now: {shown}")


def _connected(server: MailServer) -> smtplib.SMTP:
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

    def __init__(self, connected: socket.socket, server: MailServer) -> None:
        self._connected = connected
        self._server = server
        super().__init__(server.host, server.port, local_hostname=server.hello, timeout=SECONDS)
        self.ehlo_or_helo_if_needed()

    def _get_socket(self, _host: str, _port: int, _timeout: float) -> socket.socket:
        if self._server.implicit_tls:
            return self._server.context.wrap_socket(self._connected, server_hostname=self._server.host)
        return self._connected


def _log_in(client: smtplib.SMTP, server: MailServer) -> None:
    if not server.username or not client.has_extn("auth"):
        return
    mechanisms = str(client.esmtp_features.get("auth", "")).upper().split()
    if "CRAM-MD5" in mechanisms and server.cram_secret:
        client.user, client.password = server.username, server.cram_secret
        client.auth("CRAM-MD5", client.auth_cram_md5)
        return
    client.login(server.username, server.password)
