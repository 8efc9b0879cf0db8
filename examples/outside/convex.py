"""Convex as its HTTP API has it: queries and mutations of functions by their path, here those of Tabbi's sessions."""

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel

from examples.outside.vendor import Vendor, router_of

CONVEX = Vendor("convex")
KEPT_MAX = 5_000
router = router_of(CONVEX)
_sessions: dict[str, dict[str, Any]] = {}


class Call(BaseModel):
    path: str
    args: dict[str, Any] = {}
    format: str = "json"


def _create(args: dict[str, Any]) -> str:
    _sessions[args["id"]] = dict(args)
    while len(_sessions) > KEPT_MAX:
        del _sessions[next(iter(_sessions))]
    return str(args["id"])


def _set_state(args: dict[str, Any]) -> None:
    if args["id"] in _sessions:
        _sessions[args["id"]]["state"] = args["state"]


def _of_user(args: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for one in _sessions.values() if one["userId"] == args["userId"]]


FUNCTIONS: dict[str, dict[str, Callable[[dict[str, Any]], Any]]] = {
    "query": {
        "sessions:get": lambda args: _sessions.get(args["id"]),
        "sessions:byUser": _of_user,
        "sessions:count": lambda _: len(_sessions),
    },
    "mutation": {
        "sessions:create": _create,
        "sessions:setState": _set_state,
        "sessions:remove": lambda args: _sessions.pop(args["id"], None) and None,
    },
}


def _run(kind: str, call: Call) -> dict[str, Any]:
    function = FUNCTIONS[kind].get(call.path)
    if function is None:
        return {"status": "error", "errorMessage": f"Could not find public function for '{call.path}'", "logLines": []}
    try:
        return {"status": "success", "value": function(call.args), "logLines": []}
    except KeyError as missing:
        return {"status": "error", "errorMessage": f"ArgumentValidationError: missing {missing}", "logLines": []}


@router.post("/api/query")
async def query(call: Call) -> dict[str, Any]:
    return _run("query", call)


@router.post("/api/mutation")
async def mutation(call: Call) -> dict[str, Any]:
    return _run("mutation", call)
