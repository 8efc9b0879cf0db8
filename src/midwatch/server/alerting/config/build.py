"""Models of `alertmanager.yml` → the values that the dispatcher works with."""

from collections.abc import Iterable, Sequence

from midwatch.server.alerting.config.model import DocumentConfig, InhibitRuleConfig, RouteConfig, compiled
from midwatch.server.alerting.inhibition import InhibitRule
from midwatch.server.alerting.route import ALL, Route, RouteOptions
from midwatch.server.alerting.times import Interval
from midwatch.server.promql.matchers import Matcher
from midwatch.server.protocols.alertmanager.matchers import WrittenMatcher, in_order, matchers_text

_ROOT = RouteOptions("")


def built_routes(config: RouteConfig) -> Route:
    return _route(config, _ROOT, "", "", None)


def _route(config: RouteConfig, above: RouteOptions, key: str, id_: str, place: int | None) -> Route:
    options = _options(config, above)
    written = in_order(config.written())
    text = matchers_text(written)
    own_key = f"{key}/{text}" if place is not None else text
    own_id = f"{id_}/{text}/{place}" if place is not None else text
    routes = tuple(_route(child, options, own_key, own_id, index) for index, child in enumerate(config.routes))
    return Route(options, _compiled(written), config.continue_, routes, own_key, own_id)


def _options(config: RouteConfig, above: RouteOptions) -> RouteOptions:
    group_by, group_by_all = above.group_by, above.group_by_all
    if config.group_by is not None:
        group_by_all = ALL in config.group_by
        group_by = frozenset(config.group_by) - {ALL}
    return RouteOptions(
        receiver=config.receiver or above.receiver,
        group_by=group_by,
        group_by_all=group_by_all,
        group_wait_ns=_ns(config.group_wait, above.group_wait_ns),
        group_interval_ns=_ns(config.group_interval, above.group_interval_ns),
        repeat_interval_ns=_ns(config.repeat_interval, above.repeat_interval_ns),
        mute_times=config.mute_time_intervals,
        active_times=config.active_time_intervals,
        labels={**above.labels, **config.labels},
    )


def _ns(seconds: float | None, above: int) -> int:
    return above if seconds is None else round(seconds * 1e9)


def _compiled(written: Iterable[WrittenMatcher]) -> tuple[Matcher, ...]:
    return tuple(compiled(one) for one in written)


def built_rules(configs: Sequence[InhibitRuleConfig]) -> tuple[InhibitRule, ...]:
    return tuple(
        InhibitRule(one.name, _compiled(one.source()), _compiled(one.target()), tuple(dict.fromkeys(one.equal)))
        for one in configs
    )


def built_intervals(document: DocumentConfig) -> dict[str, tuple[Interval, ...]]:
    found: dict[str, tuple[Interval, ...]] = {}
    for named in (*document.mute_time_intervals, *document.time_intervals):
        found[named.name] = tuple(one.interval() for one in named.time_intervals)
    return found | {one.name: (one.interval(),) for one in document.midwatch.holidays}
