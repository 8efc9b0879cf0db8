"""redis-py: `midwatch.instrument(redis)` for every client, or one client, sync or async.

Entries that are added to streams carry `traceparent` and `x-correlation-id` beside their own fields; a consumer goes
on under them with `midwatch.received(fields)`.
"""

from functools import wraps
from types import ModuleType
from typing import Any

import redis
import redis.asyncio
from opentelemetry import trace
from opentelemetry.trace import SpanKind, get_current_span

from midwatch.sdk import calls
from midwatch.sdk.guard import guarded
from midwatch.sdk.log_lines import type_name
from midwatch.sdk.messages import ids
from midwatch.sdk.propagation import CORRELATION_ID, TRACEPARENT
from midwatch.sdk.setup import METRICS, in_force

LOGGER = "midwatch.redis"
PIPELINE = "PIPELINE"
CARRIED = (TRACEPARENT, CORRELATION_ID)
WAITING = frozenset(
    ("BLPOP", "BRPOP", "BLMOVE", "BLMPOP", "BRPOPLPUSH", "BZPOPMIN", "BZPOPMAX", "BZMPOP", "WAIT", "WAITAOF")
)
"""They last as long as the caller is ready to wait: that says nothing of Redis."""
_DONE = "_midwatch"

_tracer = trace.get_tracer(LOGGER)
_durations = METRICS.histogram("redis_command_duration_seconds", "Duration of Redis commands", ("command",))
_errors = METRICS.counter("redis_errors_total", "Redis commands that failed", ("command", "error"))
_connections = METRICS.counter("redis_connection_errors_total", "Times that Redis was not reached", ("server",))
_lost: set[str] = set()
"""Servers that were not reached when they were asked last."""


def instrument(target: Any) -> None:
    """Each command, and each pipeline as one, is told where it is part of a trace, and measured everywhere."""
    if isinstance(target, ModuleType):
        for library, in_async in ((redis, False), (redis.asyncio, True)):
            _observe(library.Redis, "execute_command", in_async=in_async)
            _observe(library.client.Pipeline, "execute", in_async=in_async)
            _carry(library.client.Pipeline)
        return
    in_async = isinstance(target, redis.asyncio.Redis)
    _observe(target, "execute_command", in_async=in_async)
    opened = target.pipeline
    if hasattr(opened, _DONE):
        return

    @wraps(opened)
    def pipeline(*args: Any, **kwargs: Any) -> Any:
        made = opened(*args, **kwargs)
        _observe(made, "execute", in_async=in_async)
        _carry(made)
        return made

    setattr(pipeline, _DONE, True)
    target.pipeline = pipeline


def _observe(owner: Any, method: str, *, in_async: bool) -> None:
    """On a class the method gets the client before the command; on a client it is bound."""
    run = getattr(owner, method)
    if hasattr(run, _DONE):
        return
    of_class = isinstance(owner, type)

    @wraps(run)
    def observed(*args: Any, **kwargs: Any) -> Any:
        client, words = (args[0], args[1:]) if of_class else (owner, args)
        words = _with_ids(words) or words
        call = _begin(client, words)
        if call is None:
            return run(*args, **kwargs)
        args = (client, *words) if of_class else words
        try:
            result = run(*args, **kwargs)
        except BaseException as error:
            _end(call, error)
            raise
        _end(call)
        return result

    @wraps(run)
    async def observed_in_async(*args: Any, **kwargs: Any) -> Any:
        client, words = (args[0], args[1:]) if of_class else (owner, args)
        words = _with_ids(words) or words
        call = _begin(client, words)
        if call is None:
            return await run(*args, **kwargs)
        args = (client, *words) if of_class else words
        try:
            result = await run(*args, **kwargs)
        except BaseException as error:
            _end(call, error)
            raise
        _end(call)
        return result

    chosen = observed_in_async if in_async else observed
    setattr(chosen, _DONE, True)
    setattr(owner, method, chosen)


def _carry(pipeline: Any) -> None:
    """What is added to streams in pipelines carries the ids as well."""
    put = pipeline.pipeline_execute_command
    if hasattr(put, _DONE):
        return

    @wraps(put)
    def carrying(*args: Any, **kwargs: Any) -> Any:
        if isinstance(pipeline, type):
            return put(args[0], *(_with_ids(args[1:]) or args[1:]), **kwargs)
        return put(*(_with_ids(args) or args), **kwargs)

    setattr(carrying, _DONE, True)
    pipeline.pipeline_execute_command = carrying


class _Command:
    """One that is being run."""

    __slots__ = ("call", "name", "server", "waits")

    def __init__(self, name: str, server: str, call: calls.Call, *, waits: bool) -> None:
        self.name = name
        self.server = server
        self.call = call
        self.waits = waits


@guarded
def _with_ids(words: tuple[Any, ...]) -> tuple[Any, ...]:
    if not words or words[0] not in ("XADD", b"XADD"):
        return words
    carried = ids()
    return (*words, *(part for name in CARRIED if name in carried for part in (name, carried[name])))


@guarded
def _begin(client: Any, words: tuple[Any, ...]) -> _Command | None:
    name = str(words[0]).upper() if words else PIPELINE
    waits = name in WAITING or (name.startswith("XREAD") and ("BLOCK" in words or b"BLOCK" in words))
    if waits and not get_current_span().get_span_context().is_valid:
        return None
    told = client.connection_pool.connection_kwargs
    host, port, number = told.get("host") or told.get("path") or "", told.get("port"), told.get("db")
    attributes = {"db.system.name": "redis", "db.operation.name": name, "server.address": host}
    if port:
        attributes["server.port"] = port
    if number is not None:
        attributes["db.namespace"] = str(number)
    if not words:
        attributes["db.operation.batch.size"] = len(client.command_stack)
    # Workers ask their broker several times a second: on their own, such commands are no story.
    tracer = _tracer if get_current_span().get_span_context().is_valid else _SILENT
    return _Command(
        name, f"{host}:{port}" if port else host, calls.begin(tracer, name, SpanKind.CLIENT, attributes), waits=waits
    )


@guarded
def _end(command: _Command, error: BaseException | None = None) -> None:
    seconds = calls.end(command.call, error)
    if not command.waits:
        _durations.observe(seconds, command=command.name)
    server = command.server
    if error is None:
        if server in _lost:
            _lost.discard(server)
            _say("info", "Redis is back", server)
        return
    _errors.inc(command=command.name, error=type_name(error))
    if isinstance(error, redis.ConnectionError | redis.TimeoutError):
        _connections.inc(server=server)
        if server not in _lost:
            _lost.add(server)
            _say("error", "Redis is lost", server, error)


def _say(level: str, message: str, server: str, error: BaseException | None = None) -> None:
    running = in_force()
    if running is not None:
        running.logs.emit(level, message, {"server": server}, logger=LOGGER, error=error)


_SILENT = trace.NoOpTracer()
