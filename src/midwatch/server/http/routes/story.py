"""`/api/v1/story`: what happened to an id."""

import re
from collections.abc import Callable, Sequence
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response

from midwatch.server.http.auth import Guard
from midwatch.server.http.errors import PROBLEM_RESPONSES
from midwatch.server.http.scope_params import Cursor, End, Env, Limit, Project, Scopes, Start
from midwatch.server.http.story_shown import story_shown
from midwatch.server.model.actor import Role
from midwatch.server.model.errors import BadRequest
from midwatch.server.model.story_id import ID_BYTES_MAX, IdKind, StoryId, as_trace_id
from midwatch.server.query.story.folding import Shown, folded, of_kinds, place
from midwatch.server.query.story.lines import LineKind
from midwatch.server.query.story.markdown import markdown
from midwatch.server.query.story.story import Question, Stories
from midwatch.server.schemas.base import Level
from midwatch.server.schemas.story import StoryAnswer

SEEDS_MAX = 10
_CURSOR = re.compile(r"(-?\d{1,19})-(.{1,400})")
Values = Annotated[
    list[Annotated[str, Query(min_length=1, max_length=ID_BYTES_MAX)]] | None, Query(max_length=SEEDS_MAX)
]
Kinds = Annotated[list[LineKind] | None, Query(max_length=len(LineKind), description="of lines; none given: all")]
Levels = Annotated[list[Level] | None, Query(max_length=7, description="of lines; none given: all")]
Services = Annotated[list[str] | None, Query(max_length=50, description="of lines; none given: all")]
Entities = Annotated[
    list[Annotated[str, Query(min_length=1, max_length=ID_BYTES_MAX)]] | None,
    Query(max_length=SEEDS_MAX, description="type and id: linkup:42"),
]


def story_routes(teller: Stories, guard: Guard, scopes: Scopes, base_url: Callable[[], str]) -> APIRouter:
    """`base_url` is where the page is, for links of what is exported."""
    router = APIRouter(prefix="/api/v1", tags=["story"], responses=PROBLEM_RESPONSES)

    @router.get(
        "/story",
        dependencies=[Depends(guard.requires(Role.VIEWER))],
        response_model=StoryAnswer,
        responses={200: {"content": {"text/markdown": {"schema": {"type": "string"}}}}},
    )
    async def story(
        request: Request,
        id: Annotated[str, Query(max_length=ID_BYTES_MAX, description="an id of any kind")] = "",
        correlation_id: Values = None,
        trace_id: Values = None,
        request_id: Values = None,
        job_id: Values = None,
        message_id: Values = None,
        session_id: Values = None,
        user_id: Values = None,
        entity: Entities = None,
        start: Start = None,
        end: End = None,
        env: Env = None,
        project: Project = 1,
        kind: Kinds = None,
        level: Levels = None,
        service: Services = None,
        fold: Annotated[
            Literal["service", "none"], Query(description="spans that nothing sets apart are counted")
        ] = "service",
        stories: Annotated[
            Literal["newest", "all"],
            Query(description="of a user, a session or an entity; the newest: until there are 400 lines"),
        ] = "newest",
        limit: Limit = 500,
        cursor: Cursor = None,
        format: Annotated[
            Literal["json", "markdown"], Query(description="markdown: whole, for a post-mortem")
        ] = "json",
    ) -> StoryAnswer | Response:
        """Everything that is stored of any of the ids, and of those that lead on from there. `start` and `end` narrow
        where the ids themselves are looked for; without them it is in all that is stored."""
        seeds = {
            IdKind.CORRELATION: correlation_id,
            IdKind.TRACE: [_trace(one) for one in trace_id or ()],
            IdKind.REQUEST: request_id,
            IdKind.JOB: job_id,
            IdKind.MESSAGE: message_id,
            IdKind.SESSION: session_id,
            IdKind.USER: user_id,
            IdKind.ENTITY: entity,
        }
        ids = tuple(StoryId(of, value) for of, values in seeds.items() for value in values or ())
        scope = scopes.of(start, end, env, project)
        question = Question(
            project=project,
            ids=_asked(ids, id),
            anything=id.strip(),
            environments=scope.environments,
            span=scope.span if start or end else None,
            whole=stories == "all" or format == "markdown",
        )
        after = _place(cursor) if cursor else None
        told = await teller.tell(question)
        if format == "markdown":
            text = markdown(told, base_url().rstrip("/"), _address(request))
            headers = {"content-disposition": 'attachment; filename="story.md"'}
            return Response(text, media_type="text/markdown; charset=utf-8", headers=headers)
        lines = of_kinds(told.lines, kind or (), level or ())
        if service:
            lines = [line for line in lines if line.service in service]
        page, following = _page(folded(lines) if fold == "service" else lines, limit, after)
        return story_shown(told, page, following)

    return router


def _asked(ids: tuple[StoryId, ...], anything: str) -> tuple[StoryId, ...]:
    if not ids and not anything.strip():
        raise BadRequest("cannot tell a story: say whose, such as correlation_id=…, entity=linkup:42 or id=…")
    if len(ids) > SEEDS_MAX:
        raise BadRequest(f"cannot tell a story of {len(ids)} ids: expected at most {SEEDS_MAX}")
    return ids


def _address(request: Request) -> str:
    """Of the story in the page."""
    asked = [(name, value) for name, value in request.query_params.multi_items() if name != "format"]
    return f"/story?{urlencode(asked, safe=':/')}"


def _trace(text: str) -> str:
    trace = as_trace_id(text)
    if not trace:
        raise BadRequest(f"trace_id={text[:40]!r}: expected 32 hexadecimal digits, with dashes or without")
    return trace


def _page(lines: Sequence[Shown], limit: int, after: tuple[int, str] | None) -> tuple[Sequence[Shown], str | None]:
    rest = [one for one in lines if place(one) > after] if after else lines
    page = rest[:limit]
    if len(rest) <= limit:
        return page, None
    time_ns, key = place(page[-1])
    return page, f"{time_ns}-{key}"


def _place(cursor: str) -> tuple[int, str]:
    found = _CURSOR.fullmatch(cursor)
    if found is None:
        raise BadRequest(f"cursor={cursor[:60]!r}: expected the next_cursor of the page before")
    return int(found[1]), found[2]
