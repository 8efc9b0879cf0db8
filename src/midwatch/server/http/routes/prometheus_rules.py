"""`/prometheus/api/v1/rules` and `/alerts`, in Prometheus's shapes."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Depends, Response

from midwatch.server.http.auth import Guard
from midwatch.server.http.errors import error_responses
from midwatch.server.http.prometheus_params import Asked, asked, described, invalid
from midwatch.server.http.routes.prometheus import PREFIX
from midwatch.server.model.actor import Role
from midwatch.server.promql import parse_selector
from midwatch.server.promql.errors import ParseError
from midwatch.server.rules.model import Kind
from midwatch.server.rules.runner import RuleRunner
from midwatch.server.rules.views import Wanted, described_alerts, described_rules
from midwatch.server.schemas.base import PrometheusProblem

_RULES = (
    "type", "rule_name[]", "rule_group[]", "file[]", "exclude_alerts", "match[]", "group_limit", "group_next_token",
)  # fmt: skip
_KINDS: dict[str, Kind | None] = {"": None, "alert": "alerting", "record": "recording"}
_TRUE, _FALSE = {"1", "t", "T", "TRUE", "true", "True"}, {"", "0", "f", "F", "FALSE", "false", "False"}
Of = Annotated[Asked, Depends(asked)]


def prometheus_rules_routes(rules: RuleRunner, guard: Guard) -> APIRouter:
    responses = error_responses(PrometheusProblem)
    viewer = Depends(guard.requires(Role.VIEWER))
    router = APIRouter(prefix=PREFIX, tags=["prometheus"], responses=responses, dependencies=[viewer])

    @router.get("/rules", openapi_extra=described(*_RULES))
    async def rule_groups(ask: Of) -> Response:
        return _answer(described_rules(rules.evaluators, _wanted(ask)))

    @router.get("/alerts")
    async def alerts() -> Response:
        return _answer(described_alerts(rules.evaluators))

    return router


def _wanted(ask: Asked) -> Wanted:
    """Raises BadRequest."""
    kind, exclude = ask.text("type").lower(), ask.text("exclude_alerts")
    if kind not in _KINDS:
        raise invalid("type", f'not supported value "{kind[:50]}"')
    if exclude not in _TRUE | _FALSE:
        raise invalid("exclude_alerts", f'"{exclude[:50]}": expected true or false')
    limit, token = ask.text("group_limit"), ask.text("group_next_token")
    if token and not limit:
        raise invalid("group_limit", "needs to be present in order to paginate over the groups")
    if limit and ask.limit("group_limit") == 0:
        raise invalid("group_limit", "needs to be greater than 0")
    try:
        selectors = [parse_selector(text).matchers for text in ask.texts("match[]")]
    except ParseError as error:
        raise invalid("match[]", error.message) from None
    return Wanted(
        _KINDS[kind],
        frozenset(ask.texts("rule_name[]")),
        frozenset(ask.texts("rule_group[]")),
        frozenset(ask.texts("file[]")),
        selectors,
        exclude in _FALSE,
        ask.limit("group_limit"),
        token,
    )


def _answer(data: object) -> Response:
    return Response(orjson.dumps({"status": "success", "data": data}), media_type="application/json")
