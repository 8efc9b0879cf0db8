"""A mail in plain text and HTML (RFC 5322)."""

import email.policy
import email.utils
from datetime import UTC, datetime
from email.errors import MessageError
from email.message import EmailMessage

from midwatch.server.notify.channels.email.config import EmailConfig
from midwatch.server.notify.told import Told

SUBJECT = '{{ template "email.default.subject" . }}'
_OURS = frozenset({"from", "to", "subject", "date", "message-id", "mime-version", "content-type"})


def message(told: Told, config: EmailConfig, sender: str, domain: str, now_seconds: float) -> EmailMessage:
    """
    Raises:
        ValueError: an address or a header is none.
    """
    headers = {name.lower(): (name, value) for name, value in config.headers.items()}
    made = EmailMessage(policy=email.policy.SMTP)
    try:
        _set(made, "From", told.text(headers.get("from", ("", sender))[1], otherwise=sender))
        _set(made, "To", told.text(headers.get("to", ("", config.to))[1], otherwise=config.to))
        _set(made, "Subject", told.headline(headers.get("subject", ("", SUBJECT))[1]))
        _set(made, "Date", email.utils.format_datetime(datetime.fromtimestamp(now_seconds, UTC)))
        # The same in each attempt: what a mail system got twice it can show once.
        _set(made, "Message-ID", f"<{told.id}@{domain}>")
        if config.threading.enabled:
            day = datetime.fromtimestamp(now_seconds, UTC).strftime("%Y-%m-%d")
            root = f"<{told.key}{f'.{day}' if config.threading.thread_by_date == 'daily' else ''}@{domain}>"
            _set(made, "References", root)
            _set(made, "In-Reply-To", root)
        for lower, (name, value) in headers.items():
            if lower not in _OURS:
                _set(made, name, told.text(value, otherwise=""))
    except (MessageError, IndexError, AttributeError) as error:
        raise ValueError(f"expected headers of a mail: {error}") from None
    if config.text:
        made.set_content(told.text(config.text))
    if config.html:
        html = told.html(config.html)
        if config.text:
            made.add_alternative(html, subtype="html")
        else:
            made.set_content(html, subtype="html")
    return made


def _set(made: EmailMessage, name: str, value: str) -> None:
    made[name] = " ".join(value.split())


def recipients(text: str) -> list[str]:
    """Raises ValueError."""
    found = [address for _, address in email.utils.getaddresses([text]) if "@" in address]
    if not found:
        raise ValueError("to: expected mail addresses, joined by commas")
    return found
