"""What subscribers are sent: a request to confirm, and each notice with what was said before. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import urlsplit

from midwatch.contract.plan.sections.status_page import StatusPage
from midwatch.server.model.mail import Mail
from midwatch.server.monitors.status_page.view import Notice, Update, status_word, utc_time

EARLIER_MAX = 10
"""Updates before the newest; the page has all."""
BEGINS = "The maintenance begins now, as planned."
_SOFT = 'style="color:#57606a"'


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What all mails of a page have."""

    title: str
    url: str
    """The page's address as the public has it."""


def public_url(page: StatusPage, external_url: str) -> str:
    """By the page's host where it has one, at the scheme and port by which the server is known; without a slash.

    Never by what a request says: whoever asks for a confirmation does not choose where its link leads.
    """
    outside = urlsplit(external_url.rstrip("/"))
    if page.host:
        port = f":{outside.port}" if outside.port else ""
        return f"{outside.scheme or 'https'}://{page.host}{port}"
    return f"{external_url.rstrip('/')}{page.path}"


def confirmation_mail(id_: str, to: str, head: Letterhead, link: str, components: Sequence[str]) -> Mail:
    about = f"news of {', '.join(components)}" if components else "all news"
    asked = f"Somebody, probably you, asked for {about} of {head.title} by mail."
    ignored = "If it was not you, do nothing: without the confirmation you get no mails, and the address is forgotten."
    text = f"{asked}\n\nConfirm within 24 hours that you want them:\n{link}\n\n{ignored}\n\n{head.url}\n"
    html = (
        f"<p>{escape(asked)}</p>"
        f'<p><a href="{escape(link)}">Confirm the subscription</a>, within 24 hours.</p>'
        f"<p {_SOFT}>{escape(ignored)}</p>{_page_link(head)}"
    )
    return Mail(id_, to, f"Confirm: {head.title} by mail", text, _document(html))


def notice_mail(
    id_: str,
    to: str,
    head: Letterhead,
    notice: Notice,
    said: Sequence[Update],
    unsubscribe: str,
    chosen: Sequence[str],
    *,
    begins: bool,
) -> Mail:
    """`said`: updates newest first, as far as they are told here. `begins`: planned maintenance, by the clock."""
    newest, before = said[0], said[1:]
    word, text_, at_ms = status_word(newest.status), newest.text, newest.at_ms
    if begins:
        word, text_, at_ms, before = "Maintenance begins", BEGINS, notice.starts_ms, said
    before = before[:EARLIER_MAX]
    facts = [f"Affects {', '.join(notice.components)}"] if notice.components else []
    if notice.kind == "maintenance" and notice.status != "completed":
        until = f" to {utc_time(notice.ends_ms)}" if notice.ends_ms else ""
        facts.append(f"Planned from {utc_time(notice.starts_ms)}{until}")
    link = f"{head.url}#{notice.id}"
    why = f"You get this mail because you subscribed to {', '.join(chosen) if chosen else 'all news'} of {head.title}."
    text = "\n".join(
        [
            notice.title,
            f"{word}, {utc_time(at_ms)}",
            "",
            text_,
            "",
            *facts,
            *([""] if facts else []),
            *(["Before:"] if before else []),
            *(f"{status_word(one.status)}, {utc_time(one.at_ms)}: {one.text}" for one in before),
            *([""] if before else []),
            link,
            "",
            why,
            f"Unsubscribe: {unsubscribe}",
            "",
        ]
    )
    html = (
        f"<h2>{escape(notice.title)}</h2><p><strong>{escape(word)}</strong> <span {_SOFT}>{utc_time(at_ms)}</span></p>"
        f'<p style="white-space:pre-wrap">{escape(text_)}</p>'
        + "".join(f"<p {_SOFT}>{escape(one)}</p>" for one in facts)
        + "".join(_earlier(one) for one in before)
        + f'{_page_link(head, link)}<p {_SOFT}>{escape(why)} <a href="{escape(unsubscribe)}">Unsubscribe</a></p>'
    )
    headers = {"List-Unsubscribe": f"<{unsubscribe}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    subject = f"[{head.title}] {word}: {notice.title}"
    return Mail(id_, to, subject, text, _document(html), headers, thread=notice.id)


def _earlier(one: Update) -> str:
    return (
        f'<p style="white-space:pre-wrap"><strong>{escape(status_word(one.status))}</strong> '
        f"<span {_SOFT}>{utc_time(one.at_ms)}</span><br>{escape(one.text)}</p>"
    )


def _page_link(head: Letterhead, link: str = "") -> str:
    return f'<p><a href="{escape(link or head.url)}">{escape(head.title)}</a></p>'


def _document(body: str) -> str:
    style = "font:15px/1.5 system-ui,sans-serif;max-width:40em"
    return f'<!doctype html><html lang="en"><meta charset="utf-8"><body style="{style}">{body}</body></html>\n'
