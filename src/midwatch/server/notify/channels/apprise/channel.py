"""The long tail: services that Apprise delivers to. It does the request and says of it only whether it worked."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

from midwatch.server.notify.channel import Channel, Job, composed
from midwatch.server.notify.channels.apprise.config import AppriseConfig
from midwatch.server.notify.channels.apprise.message import Message, message
from midwatch.server.notify.connection import Unreachable
from midwatch.server.notify.outcome import Outcome, Verdict
from midwatch.server.outgoing.reach import AddressRefused, Guard, ResolverBusy

SECONDS = 60.0
THREADS = 8
HTTP_ERROR_CHARACTERS_MAX = 300
LOCAL = frozenset(
    {
        "dbus",
        "glib",
        "gio",
        "gnome",
        "gnotify",
        "growl",
        "kde",
        "macosx",
        "qt",
        "syslog",
        "windows",
        "file",
        "exec",
        "smtp",
    }
)
"""Schemes that act on this machine instead of calling somebody."""
_threads = ThreadPoolExecutor(THREADS, "apprise")


async def send(job: Job, config: AppriseConfig) -> Outcome:
    urls = [await job.secret(url) for url in config.urls] or [await job.secret(config.url, config.url_file)]
    made: Message = await composed(message, job.told, config)
    shown = {"title": made.title, "body": made.body, "type": made.kind}
    # One attempt sends to all that did not have it: a repeat must not tell the others twice.
    done = set((job.told.receipt or {}).get(job.told.id, []))
    errors: list[str] = []
    verdict = Verdict.DELIVERED
    for index, url in enumerate(urls):
        if index in done:
            continue
        scheme = urlsplit(url).scheme
        exchange: dict[str, Any] = {
            "request": {"method": "apprise", "url": f"{scheme}://<secret>", "headers": {}, "body": str(shown)},
            "answer": None,
        }
        job.exchanges.append(exchange)
        one, error = await _told_one(job, url, scheme, made, config.format)
        exchange["answer"] = {"body": error or "taken"}
        if one is Verdict.DELIVERED:
            done.add(index)
        else:
            errors.append(f"{scheme}: {error}")
            verdict = Verdict.AGAIN if Verdict.AGAIN in (verdict, one) else one
    if verdict is Verdict.DELIVERED:
        return Outcome(verdict, receipt={})
    return Outcome(verdict, "; ".join(errors)[:1000], receipt={job.told.id: sorted(done)})


async def _told_one(job: Job, url: str, scheme: str, made: Message, form: str) -> tuple[Verdict, str]:
    if scheme.lower() in LOCAL:
        return Verdict.REFUSED, "acts on this machine, which receivers may not"
    try:
        await _judged(job.guard, url)
        loop = asyncio.get_running_loop()
        return await asyncio.wait_for(loop.run_in_executor(_threads, _notified, url, made, form), SECONDS)
    except (AddressRefused, ResolverBusy) as error:
        return Verdict.AGAIN, str(error)
    except TimeoutError:
        raise Unreachable(f"no answer within {SECONDS:g} s") from None


async def _judged(guard: Guard, url: str) -> None:
    """Many URLs have a token where others have a host: only what resolves is judged."""
    host = urlsplit(url).hostname or ""
    if "." not in host and host != "localhost" and ":" not in host:
        return
    try:
        await guard.addresses(host, 443)
    except OSError:
        return


def _notified(url: str, made: Message, form: str) -> tuple[Verdict, str]:
    """In a thread."""
    import logging

    import apprise

    lines: list[str] = []

    class _Lines(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record.getMessage())

    service = apprise.Apprise.instantiate(url, suppress_exceptions=True)
    if service is None:
        return Verdict.REFUSED, "Apprise does not know this URL; see its documentation"
    logger, handler = logging.getLogger("apprise"), _Lines(logging.WARNING)
    logger.addHandler(handler)
    try:
        taken = service.notify(body=made.body, title=made.title, notify_type=made.kind, body_format=form)
    except Exception as error:
        return Verdict.AGAIN, f"{type(error).__name__}: {error}"[:HTTP_ERROR_CHARACTERS_MAX]
    finally:
        logger.removeHandler(handler)
    return (Verdict.DELIVERED, "") if taken else (Verdict.AGAIN, "the service did not take it")


CHANNEL = Channel("apprise", AppriseConfig, send, seconds_between=0.5)
