"""The short form → the model: places from left to right, defaults by kind."""

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from midwatch.contract.plan.document import Path
from midwatch.server.dashboards.grafana.panels import first_reason
from midwatch.server.dashboards.short.fields import field_of
from midwatch.server.dashboards.short.form import ShortAnnotation, ShortBoard, ShortLink, ShortPanel, ShortQuery
from midwatch.server.dashboards.short.mistake import Mistake
from midwatch.server.dashboards.short.places import Size, places
from midwatch.server.dashboards.short.variables import variable_of
from midwatch.server.schemas.dashboards.board import COLUMNS, BoardPanel, BoardRow, Dashboard

T = TypeVar("T", bound=BaseModel)
_SIZES = {
    "stat": (6, 4),
    "gauge": (6, 6),
    "bargauge": (12, 6),
    "table": (24, 8),
    "logs": (24, 10),
    "traces": (24, 10),
    "text": (24, 3),
}
_SIZE = (12, 8)
_NARROW = {"stat", "gauge"}
"""Beside them there may be room: a single value needs none."""
_LANGUAGES = ("promql", "logql", "logs", "traces", "sql")
_BY_LANGUAGE = {"logs": "logs", "traces": "traces", "sql": "table"}
_WITH_REDUCE = {"stat", "gauge", "bargauge", "pie"}

__all__ = ["Mistake", "built"]


def built(form: ShortBoard, *, uid: str) -> tuple[Dashboard, dict[int, Path]]:
    """The board, and where in the text each panel stands, by its number.

    Raises:
        Mistake: what the form's types cannot say.
    """
    if form.panels and form.rows:
        raise Mistake(("panels",), "panels: expected either `panels` or `rows`, which have panels in them")
    if not form.panels and not form.rows:
        raise Mistake((), "expected `panels` or `rows` with at least one panel")
    where: dict[int, Path] = {}
    groups: list[tuple[Path, dict[str, Any], tuple[ShortPanel, ...]]] = [((), {}, form.panels)]
    if form.rows:
        heads = [{"title": row.title or "", "collapsed": row.collapsed, "repeat": row.repeat} for row in form.rows]
        groups = [(("rows", at), head, form.rows[at].panels) for at, head in enumerate(heads)]
    rows = []
    number = 0
    for above, head, panels in groups:
        made = []
        for at, panel in enumerate(panels):
            number += 1
            where[number] = (*above, "panels", at)
            made.append(_panel(panel, number, where[number]))
        found = [
            _valid(BoardPanel, {**values, "grid": grid}, where[values["id"]])
            for (values, _), grid in zip(made, places([size for _, size in made]), strict=True)
        ]
        number += bool(head)
        rows.append(_valid(BoardRow, {**head, "id": number if head else None, "panels": found}, above))
    board = {
        "uid": uid,
        "title": form.title,
        "description": form.description,
        "tags": list(form.tags),
        "time": {"start": form.range if form.range.startswith("now") else f"now-{form.range}", "end": "now"},
        "refresh": form.refresh,
        "timezone": form.timezone,
        "crosshair": form.crosshair,
        "variables": [variable_of(name, one) for name, one in form.variables.items()],
        "annotations": [_annotation(one, ("annotations", at)) for at, one in enumerate(form.annotations)],
        "links": [_link(one) for one in form.links],
        "rows": rows,
    }
    return _valid(Dashboard, board, ()), where


def _panel(panel: ShortPanel, number: int, path: Path) -> tuple[dict[str, Any], Size]:
    """All of a panel but its place, and how large it is."""
    queries = _queries(panel, path)
    kind = panel.kind or _kind(panel, queries)
    if not queries and kind != "text":
        raise Mistake(
            path, "expected a query: one of `query` (PromQL), `queries`, `logql`, `logs`, `traces`, `sql`, or a `text`"
        )
    width, height = _SIZES.get(kind, _SIZE)
    width, height = panel.width or width, panel.height or height
    for name, value, most in (("width", width, COLUMNS), ("height", height, 1000)):
        if not 1 <= value <= most:
            raise Mistake((*path, name), f"{name}={value}: expected 1 to {most}")
    options: dict[str, Any] = {"kind": kind}
    if kind == "text":
        options["content"] = panel.text or ""
    if panel.calc is not None:
        if kind in _WITH_REDUCE:
            options["reduce"] = {"calculations": [panel.calc]}
        elif kind == "timeseries":
            options["legend"] = {"mode": "table", "calculations": [panel.calc]}
        else:
            raise Mistake((*path, "calc"), f"calc={panel.calc}: a panel of the kind {kind} shows no calculation")
    overrides = [
        {"matcher": _matcher(name), "field": field_of(one, kind, (*path, "overrides", name))}
        for name, one in panel.overrides.items()
    ]
    values = {
        "id": number,
        "title": panel.title,
        "description": panel.description,
        "options": {**options, **_plain(panel.options)},
        "queries": queries,
        "transformations": [_plain(one) for one in panel.transformations],
        "fields": {"defaults": field_of(panel, kind, path), "overrides": overrides},
        "links": [_link(one) for one in panel.links],
        "repeat": {"variable": panel.repeat} if panel.repeat else None,
        "range": panel.range,
        "shift": panel.shift,
        "step_min": panel.step,
    }
    grows = panel.repeat is None and kind not in _NARROW
    return values, Size(width, height, grows and panel.width is None, grows and panel.height is None)


def _kind(panel: ShortPanel, queries: list[dict[str, Any]]) -> str:
    if panel.text is not None and not queries:
        return "text"
    return _BY_LANGUAGE.get(str(queries[0]["language"]), "timeseries") if queries else "timeseries"


def _queries(panel: ShortPanel, path: Path) -> list[dict[str, Any]]:
    short: list[ShortQuery] = list(panel.queries)
    if panel.query is not None:
        texts = panel.query if isinstance(panel.query, tuple) else (panel.query,)
        short = [*(ShortQuery(promql=text) for text in texts), *short]
    for language in _LANGUAGES[1:]:
        if (text := getattr(panel, language)) is not None:
            short.append(ShortQuery.model_validate({language: text}))
    legends = panel.legend if isinstance(panel.legend, tuple) else (panel.legend,) * len(short)
    if len(legends) > len(short):
        raise Mistake((*path, "legend"), f"legend: expected at most {len(short)}, one a query, got {len(legends)}")
    found = []
    for at, one in enumerate(short):
        said = [name for name in _LANGUAGES if getattr(one, name) is not None]
        if len(said) != 1:
            raise Mistake(
                (*path, "queries", at),
                f"expected exactly one of {', '.join(_LANGUAGES)}, got {', '.join(said) or 'none'}",
            )
        instant = one.instant or (panel.kind in ("table", "pie") and one.format == "series" and not panel.queries)
        found.append(
            {
                "ref": one.ref or chr(ord("A") + at),
                "language": said[0],
                "text": getattr(one, said[0]),
                "legend": one.legend or (legends[at] if at < len(legends) else None),
                "mode": "instant" if instant else "range",
                "format": "table" if instant and panel.kind == "table" else one.format,
                "hidden": one.hidden,
                "exemplars": one.exemplars,
                "step": one.step,
                "limit": one.limit,
            }
        )
    return found


def _annotation(one: ShortAnnotation, path: Path) -> dict[str, Any]:
    said = [name for name in ("promql", "logql", "logs") if getattr(one, name) is not None]
    if len(said) != 1:
        raise Mistake(path, f"expected exactly one of promql, logql, logs, got {', '.join(said) or 'none'}")
    text = getattr(one, said[0])
    return {"name": one.name, "color": one.color, "title": one.title, "language": said[0], "text": text}


def _link(one: ShortLink) -> dict[str, Any]:
    return one.model_dump()


def _matcher(name: str) -> dict[str, Any]:
    regex = len(name) > 1 and name.startswith("/")
    return {"by": "regex" if regex else "name", "match": [name]}


def _plain(value: Any) -> Any:
    """Lists as the model has them."""
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    return {key: _plain(one) for key, one in value.items()} if isinstance(value, dict) else value


def _valid(model: type[T], values: dict[str, Any], path: Path) -> T:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        where = error.errors()[0]["loc"]
        form = {"options": 1, "transformations": 2}.get(str(where[0]) if where else "")
        if form is not None:  # pydantic puts the form that was meant into the path
            where = (*where[:form], *where[form + 1 :])
        raise Mistake((*path, *where), first_reason(error)) from None
