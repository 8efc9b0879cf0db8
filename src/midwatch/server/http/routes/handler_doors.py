"""Where apps tell of failed runs and ask for orders, with their ingest key; on the main port and on that of OTLP."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import orjson
from pydantic import BaseModel, ValidationError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from midwatch.contract.handlers import ORDERS_PATH, OUTCOMES_PATH, PAYLOAD_BYTES_MAX, RUNS_MAX, RUNS_PATH
from midwatch.contract.handlers import Outcome as ContractOutcome
from midwatch.server.handlers.desk import HandlerDesk, Question, digest_of
from midwatch.server.ingest.admission import Admission, key_in
from midwatch.server.model.actor import IngestGrant
from midwatch.server.model.errors import (
    BadRequest,
    Forbidden,
    MidwatchError,
    NotFound,
    TooLarge,
    UnsupportedMedia,
    retry_seconds,
)
from midwatch.server.schemas.handlers import OrderOutcome, OrderQuestion, ToldRun, ToldRuns
from midwatch.server.workspace.handler_runs import App, TellRun

BODY_BYTES_MAX = RUNS_MAX * 2 * PAYLOAD_BYTES_MAX
"""Sealed, a payload is a third longer, and there is more of a run than its payload."""
M = TypeVar("M", bound=BaseModel)
_TEXTS = ("error_type", "error_text", "event_id", "trace_id", "span_id", "correlation_id")


def handler_doors(desk: HandlerDesk, admission: Admission) -> list[Route]:
    async def tell(request: Request, grant: IngestGrant) -> dict[str, Any]:
        told = _read(ToldRuns, await _body(request))
        refused: dict[str, str] = {}
        by_app: dict[App, list[TellRun]] = {}
        for sent in told.runs:
            try:
                run = _read(ToldRun, sent)
                by_app.setdefault(_app(grant, run.service, run.environment), []).append(_told(run))
            except BadRequest as error:
                refused[str(sent.get("id"))[:64]] = error.message
        waits = [run_id for app, runs in by_app.items() for run_id in await desk.take(app, runs)]
        return {"refused": refused, "wait": waits}

    async def ask(request: Request, grant: IngestGrant) -> dict[str, Any]:
        asked = _read(OrderQuestion, await _body(request))
        question = Question(
            app=_app(grant, asked.service, asked.environment),
            handlers=asked.handlers,
            instance=asked.instance,
            nonce=asked.nonce,
            wait_seconds=asked.wait_seconds,
            key_digest=digest_of(key_in(request.headers, {})),
            environment_told=asked.environment,
        )

        async def is_gone() -> bool:
            # A key that was revoked while the question was open is given nothing more.
            admission.admit(request.headers, {})
            return await request.is_disconnected()

        signed = await desk.next_order(question, is_gone)
        return {"order": None} if signed is None else {"order": signed.order, "signature": signed.signature}

    async def settle(request: Request, grant: IngestGrant) -> dict[str, Any]:
        told = _read(OrderOutcome, await _body(request))
        if not told.outcome:
            raise BadRequest("outcome: expected what became of the order")
        app = _app(grant, told.service, told.environment)
        outcome = ContractOutcome(told.outcome)
        if not await desk.settle(app, told.order_id, outcome, told.detail, told.seconds):
            raise NotFound(f"cannot find the order {told.order_id}")
        return {}

    return [
        Route(path, _admitted(admission, answer), methods=["POST"])
        for path, answer in ((RUNS_PATH, tell), (ORDERS_PATH, ask), (OUTCOMES_PATH, settle))
    ]


def _admitted(
    admission: Admission, answer: Callable[[Request, IngestGrant], Awaitable[dict[str, Any]]]
) -> Callable[[Request], Awaitable[Response]]:
    async def handle(request: Request) -> Response:
        try:
            grant = admission.admit(request.headers, {})
            if grant.origins:
                raise Forbidden(f"{grant.key_name} is a key for browsers, which everybody can read: use another")
            admission.check_rate(grant)
            return JSONResponse(await answer(request, grant))
        except ClientDisconnect:
            return Response(status_code=400)
        except MidwatchError as error:
            seconds = retry_seconds(error)
            headers = {} if seconds is None else {"retry-after": str(seconds)}
            return JSONResponse({"error": error.message, "code": error.code}, error.status, headers)

    return handle


async def _body(request: Request) -> Any:
    sent = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if sent != "application/json":
        raise UnsupportedMedia(f"content-type={sent[:100]!r}: expected application/json")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_BYTES_MAX:
            raise TooLarge(f"body: expected at most {BODY_BYTES_MAX:,} bytes")
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"expected JSON: {error}") from None


def _read(shape: type[M], sent: Any) -> M:
    try:
        return shape.model_validate(sent)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "body"
        raise BadRequest(f"{where}: {first['msg']}", code="invalid_field") from None


def _app(grant: IngestGrant, service: str, environment: str) -> App:
    return App(grant.project, service, grant.environment or environment)


def _told(run: ToldRun) -> TellRun:
    if len(orjson.dumps(run.payload)) > 2 * PAYLOAD_BYTES_MAX:
        raise BadRequest(f"payload: expected at most {2 * PAYLOAD_BYTES_MAX:,} bytes")
    return TellRun(
        run_id=run.id,
        handler=run.handler,
        key=run.key,
        state=run.state,
        revision=run.revision,
        attempt=run.attempt,
        started_ms=run.started_ms,
        ended_ms=run.ended_ms,
        order_id=run.order_id,
        # As events are stored: the SDK writes UUIDs.
        texts={**{name: getattr(run, name) for name in _TEXTS}, "event_id": run.event_id.replace("-", "").lower()},
        payload=run.payload,
        refusal=run.refusal,
    )
