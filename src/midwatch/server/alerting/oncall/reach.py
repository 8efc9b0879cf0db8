"""Whom a receiver leads to at a moment: the people that its escalations climb to, and its digests."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from midwatch.server.alerting.configuration import Receiver
from midwatch.server.alerting.oncall.digest import NANOSECONDS, last_and_next
from midwatch.server.alerting.oncall.kinds import DigestConfig, EscalationConfig
from midwatch.server.alerting.oncall.telling import OnCallTell


@dataclass(frozen=True, slots=True)
class Reached:
    """One whom a step of an escalation tells, in its first round."""

    policy: str
    after_seconds: float
    """Since the first step began to count, while nobody acknowledges."""
    schedule: str = ""
    """In which they are on duty; empty where the step names them."""
    person: str = ""
    """Empty: nobody is on duty, or the step tells a receiver."""
    receiver: str = ""


def reached(tell: OnCallTell, receiver: Receiver, at_ns: int) -> list[Reached]:
    """In the order of time, for an alert that is first told of at this moment."""
    found: list[Reached] = []
    for config in receiver.integrations.values():
        if isinstance(config, EscalationConfig):
            found += _of_policy(tell, config.policy, at_ns)
    return found


def digests(receiver: Receiver, at_ns: int) -> list[tuple[str, int]]:
    """Receivers that are told of what was gathered, and when next."""
    configs = [config for config in receiver.integrations.values() if isinstance(config, DigestConfig)]
    return [(config.receiver, last_and_next(config, at_ns)[1]) for config in configs]


def _of_policy(tell: OnCallTell, name: str, at_ns: int) -> Iterator[Reached]:
    policy = tell.plan.escalations.get(name)
    if policy is None:
        return
    for step, after in zip(policy.steps, accumulate(one.after for one in policy.steps), strict=True):
        for schedule in step.schedules:
            person = tell.on_duty(schedule, at_ns + int(after * NANOSECONDS)) or ""
            told = next((receiver for _, receiver in tell.people([person])), "")
            yield Reached(name, after, schedule, person, told)
        for person, told in tell.people(step.people):
            yield Reached(name, after, person=person, receiver=told)
        for told in step.receivers:
            yield Reached(name, after, receiver=told)
