"""Where an alert would go, as the API says it."""

from midwatch.server.alerting.configuration import Configuration
from midwatch.server.alerting.dispatcher import Dispatcher
from midwatch.server.alerting.oncall.reach import Reached, digests, reached
from midwatch.server.alerting.oncall.telling import OnCallTell
from midwatch.server.alerting.route import Asked, Route, ask, group_labels
from midwatch.server.http.alerting_shown import muted_by, written
from midwatch.server.model.alert import Alert
from midwatch.server.model.timerange import format_time
from midwatch.server.protocols.alertmanager.matchers import labels_text, matcher_text
from midwatch.server.schemas.alerting import RouteAsked, RouteDigest, RoutePerson, RouteTold, RoutingAnswer


def answered(
    dispatcher: Dispatcher, tell: OnCallTell, labels: dict[str, str], at_ns: int, *, now: bool
) -> RoutingAnswer:
    """By which way an alert of these labels would go at a moment, to whom, and what would hold it back.

    `now` is False for any other moment: what fires then, and inhibits, is not known.
    """
    configuration = dispatcher.configuration
    steps = ask(configuration.root, labels)
    held = _held(dispatcher, Alert(labels, at_ns, at_ns), at_ns)
    return RoutingAnswer(
        at=format_time(at_ns),
        steps=[_asked(one) for one in steps],
        told=[_told(one.route, configuration, tell, labels, at_ns) for one in steps if one.chosen],
        silenced_by=list(held.get("silenced", ())),
        inhibited_by=list(held.get("inhibited", ())) if now else [],
        maintenance=list(held.get("muted", ())),
    )


def _held(dispatcher: Dispatcher, alert: Alert, at_ns: int) -> dict[str, tuple[str, ...]]:
    found = dispatcher.held(alert, None, at_ns)
    if alert.fingerprint not in dispatcher.known:
        dispatcher.silences.forget(alert.fingerprint)
    return found


def _asked(one: Asked) -> RouteAsked:
    return RouteAsked(
        route_id=one.route.id,
        depth=one.depth,
        matchers=one.route.matchers_text[1:-1],
        receiver=one.route.options.receiver,
        taken=one.taken,
        chosen=one.chosen,
        failed=None if one.failed is None else matcher_text(written([one.failed])[0]),
        ends=one.ends,
    )


def _told(
    route: Route, configuration: Configuration, tell: OnCallTell, labels: dict[str, str], at_ns: int
) -> RouteTold:
    options = route.options
    receiver = configuration.receivers[options.receiver]
    return RouteTold(
        receiver=options.receiver,
        route_id=route.id,
        group_key=f"{route.key}:{labels_text(group_labels(options, labels))}",
        integrations=[f"{way.kind}[{way.index}]" for way in receiver.integrations],
        group_wait_seconds=options.group_wait_ns / 1e9,
        muted_by=muted_by(route, configuration, at_ns),
        on_call=[_person(one, tell) for one in reached(tell, receiver, at_ns)],
        digests=[RouteDigest(receiver=name, at=format_time(next_ns)) for name, next_ns in digests(receiver, at_ns)],
    )


def _person(one: Reached, tell: OnCallTell) -> RoutePerson:
    person = tell.plan.people.get(one.person)
    return RoutePerson(
        policy=one.policy,
        after_seconds=one.after_seconds,
        schedule=one.schedule,
        person=one.person,
        name=(person.name if person else "") or one.person,
        receiver=one.receiver,
    )
