"""Variables in short form → the model."""

from typing import Any

from midwatch.server.dashboards.grafana.variables import parse_query
from midwatch.server.dashboards.interpolation import ALL
from midwatch.server.dashboards.short.form import ShortVariable
from midwatch.server.dashboards.short.mistake import Mistake

_FORMS = ("query", "values", "interval", "text", "constant", "datasource", "filters")


def variable_of(name: str, written: str | tuple[str, ...] | ShortVariable) -> dict[str, Any]:
    """A text is a query, a list are values.

    Raises:
        Mistake: it says nothing, or two things.
    """
    path = ("variables", name)
    if isinstance(written, str):
        written = ShortVariable(query=written)
    elif isinstance(written, tuple):
        written = ShortVariable(values=written, sort="none")
    said = [form for form in _FORMS if getattr(written, form) not in (None, False)]
    if len(said) != 1:
        raise Mistake(path, f"${name}: expected exactly one of {', '.join(_FORMS)}, got {', '.join(said) or 'none'}")
    chosen = written.default if isinstance(written.default, tuple) else (written.default,) if written.default else ()
    found: dict[str, Any] = {
        "name": name,
        "label": written.label,
        "multi": written.multi,
        "all": written.all,
        "all_value": written.all_value,
        "regex": written.regex,
        "sort": written.sort,
        "hide": written.hide,
        "chosen": [ALL if one == "all" and written.all else one for one in chosen] or ([ALL] if written.all else []),
    }
    return found | _own(name, said[0], written, path)


def _own(name: str, form: str, written: ShortVariable, path: tuple[str, ...]) -> dict[str, Any]:
    if form == "query":
        query = parse_query(str(written.query), written.language)
        if query.kind == "series" and "{" not in str(written.query):
            expected = "expected label_values(metric, label), label_names(), metrics(regex) or query_result(query)"
            raise Mistake(path, f"${name}={written.query:.80}: {expected}; a list of values stands in [ ]")
        return {"kind": "query", "query": query.model_dump()}
    if form == "values":
        values = written.values or ()
        pairs = values.items() if isinstance(values, dict) else ((one, one) for one in values)
        options = [{"text": text, "value": value} for text, value in pairs]
        chosen = {} if written.default or written.all or not options else {"chosen": [options[0]["value"]]}
        return {"kind": "custom", "options": options, **chosen}
    if form == "interval":
        options = [{"text": one, "value": one} for one in written.interval or () if one != "auto"]
        auto = "auto" in (written.interval or ())
        return {"kind": "interval", "options": options, "auto": auto, "sort": "none"}
    if form == "filters":
        return {"kind": "adhoc"}
    if form == "datasource":
        return {"kind": "datasource", "datasource": written.datasource}
    return {"kind": "textbox" if form == "text" else form, "chosen": [str(getattr(written, form))]}
