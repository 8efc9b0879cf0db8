"""DNS: what a name server says of a name."""

import dns.asyncquery
import dns.exception
import dns.message
import dns.rcode
import dns.resolver

from midwatch.contract.plan.probes.targets import DnsTarget
from midwatch.server.monitors.probes.attempt import Attempt, ProbeFailed, Reason
from midwatch.server.monitors.probes.expecting import pattern

PORT = 53
TOLD_MAX = 10


async def ask(target: DnsTarget, attempt: Attempt) -> None:
    where, port = await _server(target, attempt)
    attempt.facts["address"] = where
    try:
        query = dns.message.make_query(target.name, target.type)
    except (dns.exception.DNSException, ValueError) as error:
        raise ProbeFailed(Reason.CONFIGURATION, f"name={target.name}: {error}") from None
    try:
        with attempt.phase("processing"):
            if target.protocol == "tcp":
                answer = await dns.asyncquery.tcp(query, where, port=port)
            else:
                answer, _ = await dns.asyncquery.udp_with_fallback(query, where, port=port)
    except dns.exception.DNSException as error:
        raise ProbeFailed(Reason.PROTOCOL, f"the answer of {where} cannot be read: {error}") from None
    attempt.reached = True
    rcode = dns.rcode.to_text(answer.rcode())
    found = [record.to_text() for rrset in answer.answer for record in rrset]
    attempt.values["probe_dns_answer_rrs"] = len(found)
    attempt.facts["answers"] = ", ".join(found[:TOLD_MAX])
    _check(target, rcode, found)


async def _server(target: DnsTarget, attempt: Attempt) -> tuple[str, int]:
    if (endpoint := target.endpoint) is not None:
        with attempt.phase("resolve"):
            attempt.addresses = await attempt.guard.addresses(*endpoint)
        return attempt.addresses[0], endpoint[1]
    try:
        own = dns.resolver.Resolver()  # the machine's own: whoever runs it chose them
    except dns.exception.DNSException as error:
        raise ProbeFailed(Reason.CONFIGURATION, f"this machine names no name server: {error}") from None
    return str(own.nameservers[0]), PORT


def _check(target: DnsTarget, rcode: str, found: list[str]) -> None:
    expect, told = target.expect, ", ".join(found[:TOLD_MAX]) or "nothing"
    if rcode != expect.rcode:
        raise ProbeFailed(Reason.ANSWER, f"the answer is {rcode}; expected {expect.rcode}")
    if expect.rcode == "NOERROR" and not found:
        raise ProbeFailed(Reason.ANSWER, f"{target.name} has no {target.type}")
    for wanted in expect.contains:
        if wanted not in found:
            raise ProbeFailed(Reason.ANSWER, f"the answers are {told}; expected {wanted} among them")
    if expect.matches is not None and not any(pattern(expect.matches).search(one) for one in found):
        raise ProbeFailed(Reason.ANSWER, f"the answers are {told}; expected a match of {expect.matches}")
