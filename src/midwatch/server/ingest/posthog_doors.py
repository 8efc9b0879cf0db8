"""PostHog's doors: events of its SDKs, and what these ask for beside.

Any page may ask (CORS); whether its events are taken depends on its key's origins. Errors have `detail`, which the
SDKs log, and `code`.
"""

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from midwatch.server.ingest.checks import Body
from midwatch.server.ingest.doors import NOT_VISIBLE
from midwatch.server.ingest.ingest import Ingest, Taken
from midwatch.server.ingest.posthog_checks import Receipt, product_events_check
from midwatch.server.model.errors import BadRequest, MidwatchError, retry_seconds
from midwatch.server.model.signal import SegmentKind
from midwatch.server.protocols.posthog.answers import NO_DEFINITIONS, NO_FLAGS, project_config
from midwatch.server.protocols.posthog.bodies import Form
from midwatch.server.protocols.posthog.events import TOLD_MAX, Told, time_ns

_KIND = SegmentKind.PRODUCT_EVENTS
CAPTURES = ("/capture", "/batch", "/e", "/i/v0/e", "/i/v0/ai/batch", "/track", "/engage")
"""Each with and without a slash at its end."""
RESULTS = "/i/v1/analytics/events"
"""Where newer SDKs send: answered event by event."""
_FLAGS = ("/flags", "/decide")
_SDK, _SENT = "posthog-sdk-info", "posthog-request-timestamp"
_CORS_HEADERS = (
    "authorization, content-type, content-encoding, x-midwatch-key, x-midwatch-wait, x-posthog-session-id,"
    " x-posthog-distinct-id, x-posthog-window-id, posthog-sdk-info, posthog-attempt, posthog-request-id,"
    " posthog-request-timestamp"
)
_PREFLIGHT_SECONDS = "7200"
_RECORDINGS = (
    "recordings of PostHog's are not taken: this server's answer to posthog-js turns them off; set"
    " disable_session_recording, and record with Sentry's SDK"
)


def posthog_doors(ingest: Ingest) -> list[Route]:
    """Events, settings and flags as posthog-js, posthog-python and the others ask for them."""

    async def capture(request: Request) -> Response:
        return await _capture(ingest, request, results=False)

    async def capture_with_results(request: Request) -> Response:
        return await _capture(ingest, request, results=True)

    configs = ("/array/{key}/config", "/array/{key}/config.js")
    found = [
        *(Route(path, capture, methods=["POST"]) for path in _both(CAPTURES)),
        Route(RESULTS, capture_with_results, methods=["POST"]),
        *(Route(path, _flags, methods=["GET", "POST"]) for path in _both(_FLAGS)),
        Route("/flags/definitions", _definitions, methods=["GET"]),
        *(Route(path, _config, methods=["GET"]) for path in configs),
        *(Route(path, _recording, methods=["POST"]) for path in _both(("/s",))),
    ]
    found += [Route(route.path, _preflight, methods=["OPTIONS"]) for route in found]
    return found


def _both(paths: tuple[str, ...]) -> list[str]:
    return [written for path in paths for written in (path, f"{path}/")]


async def _capture(ingest: Ingest, request: Request, *, results: bool) -> Response:
    headers = _cors(request.headers)
    try:
        sent = _with_key(request.headers, request.query_params)
        check = product_events_check(_form(request), _told(request))
        taken = await ingest.take(_KIND, sent, request.query_params, request.stream(), check, key_within=_key_in)
    except MidwatchError as error:
        return _failure(error, headers)
    except ClientDisconnect:
        ingest.note_refusal("", _KIND, "sender_gone")
        return Response(status_code=400)
    answer = _results(taken) if results else _answer(taken)
    # An SDK takes any other answer than 200 for a failure, also where nothing failed.
    return JSONResponse(answer, headers=headers)


def _key_in(body: Body) -> str:
    assert isinstance(body.receipt, Receipt)
    return body.receipt.key


def _with_key(headers: Headers, query: Mapping[str, str]) -> Mapping[str, str]:
    """A key in the address, under PostHog's names, as the header that it stands for."""
    key = next((query[name] for name in ("api_key", "token", "_token") if query.get(name)), "")
    return Headers({**headers, "x-midwatch-key": key}) if key and "x-midwatch-key" not in headers else headers


def _form(request: Request) -> Form:
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return Form(content_type, request.query_params.get("compression", "").strip().lower())


def _told(request: Request) -> Told:
    sdk, _, version = request.headers.get(_SDK, "")[:100].partition("/")
    query = request.query_params
    return Told(time_ns(query.get("sent_at") or query.get("_") or request.headers.get(_SENT)), sdk, version)


def _answer(taken: Taken) -> dict[str, Any]:
    """PostHog says `status` 1, older doors of it `Ok`; a program that reads more learns what was refused."""
    receipt = taken.receipt
    assert isinstance(receipt, Receipt)
    answer: dict[str, Any] = {"status": 1, "accepted": taken.items}
    if receipt.refused:
        told = receipt.refused[:TOLD_MAX]
        answer["refused"] = len(receipt.refused)
        answer["errors"] = [{"index": one.index, "uuid": one.uuid, "error": one.reason} for one in told]
    if not taken.visible:
        answer |= {"visible": False, "detail": NOT_VISIBLE}
    return answer


def _results(taken: Taken) -> dict[str, Any]:
    receipt = taken.receipt
    assert isinstance(receipt, Receipt)
    found: dict[str, dict[str, str]] = {uuid: {"result": "ok"} for uuid in receipt.uuids}
    for one in receipt.refused:
        found[one.uuid] = {"result": "drop", "details": one.reason}
    return {"results": found}


async def _flags(request: Request) -> Response:
    return JSONResponse(NO_FLAGS, headers=_cors(request.headers))


async def _definitions(request: Request) -> Response:
    return JSONResponse(NO_DEFINITIONS, headers=_cors(request.headers))


async def _config(request: Request) -> Response:
    key = str(request.path_params["key"])[:512]
    config, headers = project_config(key), _cors(request.headers)
    if not request.url.path.endswith(".js"):
        return JSONResponse(config, headers=headers)
    # Pages load it as a script of another origin.
    headers["cross-origin-resource-policy"] = "cross-origin"
    name, value = orjson.dumps(key).decode(), orjson.dumps(config).decode()
    script = (
        f"(window._POSTHOG_REMOTE_CONFIG=window._POSTHOG_REMOTE_CONFIG||{{}})[{name}]={{config:{value},siteApps:[]}};"
    )
    return Response(script.replace("<", "\\u003c"), media_type="application/javascript", headers=headers)


async def _recording(request: Request) -> Response:
    return _failure(BadRequest(_RECORDINGS, code="recording_not_taken"), _cors(request.headers))


async def _preflight(request: Request) -> Response:
    headers = _cors(request.headers)
    headers["access-control-allow-methods"] = "GET, POST"
    headers["access-control-allow-headers"] = _CORS_HEADERS
    headers["access-control-max-age"] = _PREFLIGHT_SECONDS
    return Response(status_code=204, headers=headers)


def _failure(error: MidwatchError, headers: dict[str, str]) -> Response:
    if (seconds := retry_seconds(error)) is not None:
        headers["retry-after"] = str(seconds)
    answer = {"type": "validation_error", "code": error.code, "detail": error.message, "attr": None}
    return JSONResponse(answer, error.status, headers=headers)


def _cors(headers: Headers) -> dict[str, str]:
    if not (origin := headers.get("origin")):
        return {}
    exposed = "retry-after, x-request-id"
    # posthog-js sends beacons with credentials, and a browser then wants to hear that it may. No cookie is read here.
    return {
        "access-control-allow-origin": origin,
        "access-control-allow-credentials": "true",
        "vary": "origin",
        "access-control-expose-headers": exposed,
    }
