"""Every route of every port: who is let in and who is not, as tests/integration/auth/routes.py has it written."""

import asyncio
import gc
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import httpx
import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Route, WebSocketRoute
from tests.conftest import KEY as INGEST_KEY
from tests.conftest import TOKEN, Server
from tests.integration.auth.asking import CSRF, ask, new_session
from tests.integration.auth.routes import (
    EDITOR_CHANGES,
    KEY,
    KEY_OR_EDITOR,
    MAIN,
    OPEN,
    OTLP_GRPC,
    OTLP_HTTP,
    WEBSOCKETS,
    Needs,
)
from tests.integration.auth.running import running

from midwatch.server.config import Settings
from midwatch.server.model.actor import Role, Scope


@dataclass(frozen=True)
class Caller:
    """Somebody, how they show who they are, and what they may."""

    name: str
    headers: dict[str, str]
    role: Role | None = None
    scopes: frozenset[Scope] = frozenset(Scope)

    def refusal(self, needs: Needs | str) -> int | None:
        """The status that tells them no; None when they may."""
        if needs == OPEN:
            return None
        if needs == KEY_OR_EDITOR:
            return self.refusal(KEY if self.name == KEY else EDITOR_CHANGES)
        if isinstance(needs, str):
            return None if self.name == KEY else 401
        if self.role is None:
            return 403 if self.name == KEY else 401
        return None if self.role >= needs.role and needs.scope in self.scopes else 403

    def may_just(self, needs: Needs | str) -> bool:
        """Of all who are let in somebody who has no more than it takes; what a route does takes time."""
        if not isinstance(needs, Needs):
            return needs != OPEN or self.role is None
        return self.scopes == {needs.scope} or (self.role == needs.role and self.scopes == frozenset(Scope))


@pytest.fixture(scope="module")
def callers(server: Server) -> list[Caller]:
    """Nobody, strangers, an ingest key; a session of each role; admins' tokens that have or lack one scope."""
    found = [
        Caller("nobody", {}),
        Caller("a stranger", {"authorization": "Bearer mwt_unknown"}),
        Caller("a stranger's cookie", {"cookie": "midwatch_session=unknown", **CSRF}),
        Caller(KEY, {"authorization": f"Bearer {INGEST_KEY}"}),
        Caller("the installation", {"authorization": f"Bearer {TOKEN}"}, Role.ADMIN),
    ]
    found += [Caller(f"{role.label}'s session", new_session(server, role) | CSRF, role) for role in Role]
    with server.api() as api:
        for scope in Scope:
            found.append(token(api, f"an admin's token without {scope}", Role.ADMIN, frozenset(Scope) - {scope}))
            found.append(token(api, f"an admin's token with {scope} alone", Role.ADMIN, frozenset({scope})))
    return found


def token(api: httpx.Client, name: str, role: Role, scopes: frozenset[Scope]) -> Caller:
    made = api.post("/api/v1/tokens", json={"name": name, "role": role.label, "scopes": sorted(scopes)}).json()
    return Caller(name, {"authorization": f"Bearer {made['token']}"}, role, scopes)


def wrong(line: str, needs: Needs | str, callers: list[Caller], client: httpx.Client) -> Iterator[str]:
    """Each caller of a route who is not answered as is written: all who are refused, and who may just come in."""
    for caller in callers:
        expected = caller.refusal(needs)
        if not expected and not caller.may_just(needs):
            continue
        status = ask(client, line, caller.headers).status_code
        right = status == expected if expected else status < 500 and status not in {401, 403, 405}
        if not right:
            yield f"{line} by {caller.name}: {status}, expected {expected or 'to be let in'}"


def routes_of(routes: Iterable[BaseRoute]) -> Iterator[str]:
    for route in routes:
        included = getattr(route, "original_router", None)
        if included is not None:
            yield from routes_of(included.routes)
            continue
        if isinstance(route, WebSocketRoute):
            yield f"WS {route.path}"
            continue
        assert isinstance(route, Route), f"{route!r}: a kind of route that this walk does not know"
        for method in (route.methods or set()) - {"HEAD"}:
            yield f"{method} {route.path}"


async def served(data: Path) -> dict[str, set[str]]:
    """What a whole server answers, read off its applications, however it puts them together."""
    settings = Settings(data=data, port=0, otlp_http_port=0, otlp_grpc_port=0, statsd_port=0, api_token=TOKEN)
    of_other_tests = applications()
    async with running(settings):
        found: dict[str, set[str]] = {"main": set(), "otlp http": set(), "otlp grpc": set()}
        for one in applications():
            if any(one is other for other in of_other_tests):
                continue
            if isinstance(one, Starlette):
                found["main" if isinstance(one, FastAPI) else "otlp http"] |= set(routes_of(one.routes))
            else:
                found["otlp grpc"] |= set(one._method_handlers)
    return found


def applications() -> list[Any]:
    """Those of this process, and what takes gRPC's calls in it."""
    return [
        one
        for one in gc.get_objects()
        # Not `isinstance`: other tests leave lazy objects behind, which wake up when they are asked what they are.
        if issubclass(type(one), Starlette) or type(one).__name__ == "DictionaryGenericHandler"
    ]


def test_every_route_has_a_line(tmp_path: Path) -> None:
    """A route that is not in the table, or a line of a route that is gone, fails here."""
    found = asyncio.run(served(tmp_path / "data"))
    written = {"main": {*MAIN, *WEBSOCKETS}, "otlp http": set(OTLP_HTTP), "otlp grpc": set(OTLP_GRPC)}
    assert [f"{port}: {line}" for port, lines in found.items() for line in sorted(lines ^ written[port])] == []


def test_every_route_of_the_main_port_lets_in_whom_it_should(server: Server, callers: list[Caller]) -> None:
    """Nobody and strangers are told 401, those who may not 403; the others come in."""
    with httpx.Client(base_url=server.url, timeout=30) as client:
        assert [found for line, needs in MAIN.items() for found in wrong(line, needs, callers, client)] == []


def test_a_door_tells_strangers_nothing_of_what_it_reads(server: Server) -> None:
    """What no door reads is a 415 to whoever has a key, and a 401 to everybody else."""
    content = {"content-type": "image/png"}
    with httpx.Client(base_url=server.url, timeout=30) as client:
        for path in (line.removeprefix("POST ") for line, needs in MAIN.items() if needs == KEY):
            assert client.post(path, content=b"x", headers=content).status_code == 401, path
            known = client.post(path, content=b"x", headers={**content, "authorization": f"Bearer {INGEST_KEY}"})
            assert known.status_code == 415, path


def test_every_door_of_the_otlp_ports_takes_ingest_keys_alone(server: Server, callers: list[Caller]) -> None:
    """Over HTTP and over gRPC."""
    with httpx.Client(base_url=server.otlp_http_url, timeout=30) as client:
        assert [found for line, needs in OTLP_HTTP.items() for found in wrong(line, needs, callers, client)] == []
        assert ask(client, "GET /api/v1/logs", {"authorization": f"Bearer {TOKEN}"}).status_code == 404
    with grpc.insecure_channel(server.otlp_grpc_url.removeprefix("http://")) as channel:
        for method in OTLP_GRPC:
            for caller in callers:
                expected = grpc.StatusCode.OK if caller.name == KEY else grpc.StatusCode.UNAUTHENTICATED
                assert code_of(channel, method, caller) is expected, caller.name


def code_of(channel: grpc.Channel, method: str, caller: Caller) -> grpc.StatusCode:
    """What a door of gRPC says to an empty request of this caller's."""
    metadata = [(name, value) for name, value in caller.headers.items() if name == "authorization"]
    call = channel.unary_unary(method).future(b"", metadata=metadata, timeout=30)
    code: grpc.StatusCode = call.code()
    return code
