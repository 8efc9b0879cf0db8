"""ICMP: packets that come back. Where the system lets anybody ask (ping_group_range), or us (CAP_NET_RAW)."""

import icmplib  # type: ignore[import-untyped]

from midwatch.contract.plan.probes.targets import IcmpTarget
from midwatch.server.monitors.probes.attempt import Attempt, ProbeFailed, Reason

GAP_SECONDS = 0.2
PACKET_SECONDS_MAX = 2.0
_NOT_PERMITTED = (
    "this process may not send ICMP: have its group in the sysctl net.ipv4.ping_group_range, or give it CAP_NET_RAW"
)


async def ask(target: IcmpTarget, attempt: Attempt) -> None:
    with attempt.phase("resolve"):
        attempt.addresses = await attempt.guard.addresses(target.host, 0)
    address = attempt.facts["address"] = attempt.addresses[0]
    with attempt.phase("rtt"):
        host = await _sent(address, target.packets)
    attempt.reached = host.packets_received > 0
    attempt.values["probe_icmp_packet_loss_ratio"] = host.packet_loss
    if host.packets_received:
        attempt.phases["rtt"] = host.avg_rtt / 1000
    if host.packet_loss >= target.expect.loss_below:
        raise ProbeFailed(Reason.LOSS, f"{host.packets_received} of {host.packets_sent} packets came back")


async def _sent(address: str, packets: int) -> icmplib.Host:
    for privileged in (False, True):
        try:
            return await icmplib.async_ping(
                address, count=packets, interval=GAP_SECONDS, timeout=PACKET_SECONDS_MAX, privileged=privileged
            )
        except icmplib.SocketPermissionError:
            continue
        except icmplib.ICMPLibError as error:
            raise ProbeFailed(Reason.UNREACHABLE, str(error)) from None
    raise ProbeFailed(Reason.NOT_PERMITTED, _NOT_PERMITTED)
