"""TLS: a handshake whose certificate is believed."""

from midwatch.contract.plan.probes.targets import TlsTarget
from midwatch.server.monitors.probes.attempt import Attempt
from midwatch.server.monitors.probes.reaching import context_of, streams


async def ask(target: TlsTarget, attempt: Attempt) -> None:
    host, port = target.endpoint or ("", 0)
    context = context_of(target.tls_config, attempt.files)
    async with streams(attempt, host, port, context=context, server_name=target.tls_config.server_name):
        pass
