"""Who is told of a group whose receiver escalates, or gathers for a digest.

An escalation begins when a group has an alert that nobody acknowledged and nothing holds back. Each step tells its
people when its time has come; it stops when somebody acknowledges all of it, and whoever was told learns how it ends.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from midwatch.contract.plan.sections.on_call import Escalation, OnCall, Step
from midwatch.server.alerting.configuration import Configuration
from midwatch.server.alerting.groups import Flush
from midwatch.server.alerting.oncall.climb import climbed
from midwatch.server.alerting.oncall.digest import NANOSECONDS, last_and_next
from midwatch.server.alerting.oncall.kinds import DIGEST, ESCALATION, DigestConfig, EscalationConfig
from midwatch.server.alerting.oncall.schedule import Override, on_duty
from midwatch.server.alerting.telling import Owed, Telling
from midwatch.server.model.alert import Alert
from midwatch.server.model.notification import Integration, Reason

NOT_CHANNELS = frozenset({ESCALATION, DIGEST})


@dataclass
class OnCallTell:
    """Owned by the event loop, which puts what the plan and people say."""

    plan: OnCall = field(default_factory=OnCall)
    overrides: Mapping[str, Sequence[Override]] = field(default_factory=dict)
    """By schedule, oldest first."""

    def __call__(self, configuration: Configuration, flush: Flush, alerts: list[Alert]) -> Telling:
        receiver = configuration.receivers.get(flush.group.route.options.receiver)
        found: dict[Integration, Owed] = {}
        moments: list[int] = []
        for integration, config in (receiver.integrations if receiver else {}).items():
            match config:
                case EscalationConfig():
                    moments += self._escalate(configuration, config, flush, alerts, found)
                case DigestConfig():
                    moments.append(_gather(configuration, config, flush, alerts, found))
                case _:
                    found[integration] = Owed()
        return Telling(found, min(moments, default=None))

    def people(self, names: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Their names and receivers."""
        for name in names:
            if (person := self.plan.people.get(name)) is not None:
                yield name, person.receiver

    def on_duty(self, schedule: str, at_ns: int) -> str | None:
        if (one := self.plan.schedules.get(schedule)) is None:
            return None
        return on_duty(one, self.overrides.get(schedule, ()), at_ns / NANOSECONDS)

    def _escalate(
        self,
        configuration: Configuration,
        config: EscalationConfig,
        flush: Flush,
        alerts: list[Alert],
        found: dict[Integration, Owed],
    ) -> list[int]:
        policy = self.plan.escalations.get(config.policy)
        if policy is None:
            return []
        for name in self._everybody(policy):
            for integration in _channels(configuration, name):
                found.setdefault(integration, Owed(None))
        group, now_ns = flush.group, flush.now_ns
        open_ = [one for one in alerts if not one.resolved(now_ns) and one.fingerprint not in flush.acknowledged]
        if not open_:
            group.climbs_ns = 0
            return []
        group.climbs_ns = group.climbs_ns or now_ns
        way = climbed(policy, (now_ns - group.climbs_ns) / NANOSECONDS)
        for due in way.reached:
            at_ns = group.climbs_ns + int(due.seconds * NANOSECONDS)
            for person, receiver in self._of_step(due.step, at_ns):
                step = f"{due.number + 1} of {len(policy.steps)}" + (f", round {due.round + 1}" if due.round else "")
                context = {"escalation": config.policy, "step": step} | ({"on_call": person} if person else {})
                for integration in _channels(configuration, receiver):
                    found[integration] = Owed(at_ns, Reason.ESCALATION, context=context)
        return [] if way.next_seconds is None else [group.climbs_ns + int(way.next_seconds * NANOSECONDS)]

    def _of_step(self, step: Step, at_ns: int) -> Iterator[tuple[str, str]]:
        """Persons, empty where there is none, and receivers."""
        on_duty_ = [person for one in step.schedules if (person := self.on_duty(one, at_ns)) is not None]
        yield from self.people(dict.fromkeys([*on_duty_, *step.people]))
        yield from (("", receiver) for receiver in step.receivers)

    def _everybody(self, policy: Escalation) -> list[str]:
        """Receivers that any of its steps may reach."""
        names: list[str] = []
        for step in policy.steps:
            people = list(step.people)
            for schedule in step.schedules:
                if (one := self.plan.schedules.get(schedule)) is not None:
                    people += [person for layer in one.layers for person in layer.people]
                people += [override.person for override in self.overrides.get(schedule, ())]
            names += [*(receiver for _, receiver in self.people(people)), *step.receivers]
        return list(dict.fromkeys(names))


def _gather(
    configuration: Configuration,
    config: DigestConfig,
    flush: Flush,
    alerts: list[Alert],
    found: dict[Integration, Owed],
) -> int:
    """When its next time comes. Then all is told that the group has, what is over since the last time, too."""
    last_ns, next_ns = last_and_next(config, flush.now_ns)
    due = any(one.starts_at_ns <= last_ns for one in alerts)
    for integration in _channels(configuration, config.receiver):
        found.setdefault(integration, Owed(last_ns if due else None, Reason.DIGEST, gathers=True))
    return next_ns


def _channels(configuration: Configuration, name: str) -> list[Integration]:
    receiver = configuration.receivers.get(name)
    return [one for one in receiver.integrations if one.kind not in NOT_CHANNELS] if receiver else []
