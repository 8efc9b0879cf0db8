"""From configuration to the mail server that is spoken to: an entry's own keys, then `global`'s."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from midwatch.contract.plan.scrape.access import TlsConfig
from midwatch.server.notify.channel import Globals
from midwatch.server.notify.channels.email.config import EmailConfig, host_port
from midwatch.server.notify.channels.email.smtp import IMPLICIT_TLS_PORT, MailServer
from midwatch.server.notify.connection import Unreachable
from midwatch.server.outgoing.access import tls_context
from midwatch.server.outgoing.files import FileRefused, PlanFiles
from midwatch.server.outgoing.reach import AddressRefused, Guard, ResolverBusy

ReadSecret = Callable[[str, str], Awaitable[str]]
"""Of a value, or of the file that is named. Raises Unreachable."""


async def mail_server(
    config: EmailConfig, everywhere: Globals, guard: Guard, files: PlanFiles, secret: ReadSecret
) -> MailServer:
    """
    Raises:
        ValueError: the configuration names none.
        Unreachable: its address is not known or not allowed, or a file cannot be read.
    """
    said = everywhere.text
    host, port = host_port(config.smarthost or said("smtp_smarthost"))
    tls = config.tls_config or TlsConfig.model_validate(everywhere.value("smtp_tls_config") or {})
    try:
        context = await asyncio.to_thread(tls_context, tls, files)
        addresses = await guard.addresses(host, int(port))
    except (AddressRefused, ResolverBusy, FileRefused, OSError) as error:
        raise Unreachable(str(error)) from None

    async def own(name: str) -> str:
        value, file = getattr(config, name), getattr(config, f"{name}_file")
        if not value and not file:
            value, file = said(f"smtp_{name}"), said(f"smtp_{name}_file")
        return await secret(value, file) if value or file else ""

    return MailServer(
        host=host,
        port=int(port),
        addresses=tuple(addresses),
        hello=config.hello or said("smtp_hello", "localhost"),
        implicit_tls=_either(
            config.force_implicit_tls, everywhere.value("smtp_force_implicit_tls"), port == IMPLICIT_TLS_PORT
        ),
        require_tls=_either(config.require_tls, everywhere.value("smtp_require_tls"), True),
        context=context,
        username=config.auth_username or said("smtp_auth_username"),
        password=await own("auth_password"),
        cram_secret=await own("auth_secret"),
    )


def _either(own: bool | None, everywhere: Any, otherwise: bool) -> bool:  # noqa: FBT001
    if own is not None:
        return own
    return everywhere if isinstance(everywhere, bool) else otherwise
