"""Private values between a segment and the tables.

A row is looked at as a whole (`multiMatchAny` over its texts joined), and nearly none is suspicious: `refusing` fails
where one is, before anything is stored, and is all that most segments need. Where it failed, `collecting` brings the
suspicious cells of the segment to where Python reads them (server/privacy/), and `replacing` stores the rows with what
came back in their place. A cell that did not come back is removed as a whole.
"""

from midwatch.contract.privacy import REMOVED
from midwatch.server.store.flatten.marks import KEPT, REMOVED_HERE, SUSPICIOUS
from midwatch.server.store.flatten.written import Written
from midwatch.server.store.series_targets import EXEMPLARS
from midwatch.server.store.staging import LEAKS

CELLS_MAX = 20_000
"""Different cells of a segment that are looked at; others are removed."""
CELL_BYTES_MAX = 64 << 10
CELLS_BYTES_MAX = 24 << 20

_LOOKS = "{looks:Array(String)}"
"""Patterns of `contract/redaction/quick_look.py`."""
_KEY_LOOKS = "{key_looks:Array(String)}"
"""The same, and that of keys whose values are looked at however they look."""
_REMOVED_HERE = REMOVED_HERE.replace("\x01", "\\x01")
_TEXT_LOOKS, _NAME_LOOKS = "{text_looks:Array(String)}", "{name_looks:Array(String)}"
"""The first of these in two: those of looks, and those of what stands behind a private name."""
_MARKS = "['=', ':', '%3d', '%3D', '\\',', '\",', '--']"
"""One of these is in every text in which something stands behind a name."""
_TREATED = "{treated:String}"
_BYTES = 7
_UNREAD = "unread"
"""What is told of a cell that did not come back."""
_LINE = "'\\n'"


def refusing(written: Written, select: str) -> str:
    return f"SELECT * FROM ({select}) WHERE throwIf({_suspicious(written)}, '{SUSPICIOUS}') = 0"


def collecting(written: Written, select: str, table: str) -> str:
    """The INSERT of all different suspicious cells of a segment into `table`."""
    return f"""INSERT INTO {table} (Place, Service, Key, Type, Value)
    SELECT Place, Service, Key, Type, Value FROM (
        SELECT *, sum(length(Value)) OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS bytes
        FROM (
            SELECT DISTINCT cell.1 AS Place, whose AS Service, cell.2 AS Key, cell.3 AS Type, cell.4 AS Value
            FROM (SELECT whose, arrayJoin(cells) AS cell FROM ({_with_cells(written, select)}))
            WHERE length(Value) <= {CELL_BYTES_MAX} LIMIT {CELLS_MAX}
        )
    ) WHERE bytes <= {CELLS_BYTES_MAX} FORMAT Protobuf"""


def replacing(written: Written, select: str, columns: tuple[str, ...], table: str) -> str:
    """The rows with what `table` has in place of their suspicious cells, and `Leaks`."""
    answers = _Answers(table)
    new, shown = _new(written, answers), dict.fromkeys(columns, "")
    number = {name: f"new_{place}" for place, name in enumerate(new)}
    for name in new:
        shown[name] = f"if(looked, {number[name]}, `{name}`)"
    for name, types in written.maps.items():
        found = _map(number[name], low=name not in written.plain_keys)
        shown[name] = f"if(looked, {found}, `{name}`)"
        if types:
            shown[types] = f"if(looked, arrayMap(p -> p.3, {number[name]}), `{types}`)"
    if written.series_id:
        labels, metric = number["Labels"], number["MetricName"]
        hashed = f"sipHash128({metric}, arrayMap(p -> p.1, {labels}), arrayMap(p -> p.2, {labels}))"
        shown["SeriesId"] = f"if(looked, reinterpretAsUInt128({hashed}), SeriesId)"
    worked = ", ".join(f"{expression} AS {number[name]}" for name, expression in new.items())
    put = ", ".join(f"{one or f'`{name}`'} AS put_{place}" for place, (name, one) in enumerate(shown.items()))
    named = ", ".join(f"put_{place} AS `{name}`" for place, name in enumerate(shown))
    return f"""
    SELECT {named}, leaks AS Leaks
    FROM (
        SELECT {put}, {_leaks(answers)} AS leaks
        FROM (SELECT *, {worked} FROM ({_with_cells(written, select)}))
    )"""


def _new(written: Written, answers: "_Answers") -> dict[str, str]:
    """What the columns become in suspicious rows; of maps, arrays of key, text and type."""
    new: dict[str, str] = {}
    for name in (*written.values, *written.names):
        put = answers.put(f"'{name}'", "''", written.kind(name), "text")
        new[name] = f"arrayMap(text -> {put}, [if(looked, {_text(name)}, '')])[1]"
    for name in written.lists:
        put = answers.put(f"'{name}'", "''", "1", "text")
        new[name] = f"arrayMap(text -> {put}, {_list(name)})"
    for name, types in written.maps.items():
        new[name] = _pairs(answers, name, _keys(name), _values(name), _types(name, types))
    for name in written.map_lists:
        inner = _pairs(answers, name, "CAST(mapKeys(m) AS Array(String))", "mapValues(m)", "")
        new[name] = f"arrayMap(m -> {_map(inner)}, if(looked, `{name}`, []))"
    if name := written.exemplars:
        labels = _map(_pairs(answers, name, "mapKeys(e.5)", "mapValues(e.5)", ""), low=False)
        new[name] = f"CAST(arrayMap(e -> (e.1, e.2, e.3, e.4, {labels}), if(looked, `{name}`, [])) AS {EXEMPLARS})"
    return new


class _Answers:
    """What came back, by the hash of a cell: a table of engine Join."""

    def __init__(self, table: str) -> None:
        self._table = table

    def of(self, column: str, place: str, key: str, kind: str, value: str) -> str:
        cell = f"sipHash64({place}, whose, {key}, toUInt8({kind}), {value})"
        return f"joinGet('{self._table}', '{column}', {cell})"

    def put(self, place: str, key: str, kind: str, value: str) -> str:
        answer = self.of("Text", place, key, kind, value)
        put = f"if({answer} = '', '{REMOVED}', substring({answer}, {len(KEPT) + 1}))"
        return f"if({_is_suspicious(key, kind, value)}, {put}, {value})"


def _leaks(answers: _Answers) -> str:
    cell = ("c.1", "c.2", "c.3", "c.4")
    found = f"if({answers.of('Text', *cell)} = '', '{_UNREAD}', {answers.of('Found', *cell)})"
    key = f"if(multiMatchAny(c.2, {_LOOKS}), '[private]', c.2)"
    return f"CAST(arrayFilter(l -> l.1 != '', arrayMap(c -> ({found}, c.1, {key}), cells)) AS {LEAKS})"


def _is_suspicious(key: str, kind: str, value: str) -> str:
    """Numbers and flags are private by their keys alone; what is in bytes, their base64 does not tell."""
    looks = f"({kind} NOT IN (0, 2, 3, 4) AND multiMatchAny({value}, {_LOOKS}))"
    return f"({looks} OR {kind} = {_BYTES} OR {value} = '{_REMOVED_HERE}' OR match({key}, {_TREATED}))"


def _pairs(answers: _Answers, place: str, keys: str, texts: str, types: str) -> str:
    """A map as an array of key, text and type."""
    key, value = answers.put(f"'{place}'", "''", "1", "k"), answers.put(f"'{place}'", "k", "t", "v")
    types = types or f"arrayMap(k -> toUInt8(1), {keys})"  # all are texts
    return f"arrayFilter(p -> p.2 != '\\x02', arrayMap((k, v, t) -> ({key}, {value}, t), {keys}, {texts}, {types}))"


def _map(pairs: str, *, low: bool = True) -> str:
    of = "LowCardinality(String)" if low else "String"
    return f"CAST(arrayMap(p -> (p.1, p.2), {pairs}) AS Map({of}, String))"


def _text(name: str) -> str:
    return f"CAST(`{name}` AS String)"


def _list(name: str) -> str:
    return f"CAST(if(looked, `{name}`, []) AS Array(String))"


def _keys(name: str) -> str:
    return f"if(looked, CAST(mapKeys(`{name}`) AS Array(String)), [])"


def _values(name: str) -> str:
    return f"if(looked, mapValues(`{name}`), [])"


def _types(name: str, types: str) -> str:
    """One for each key: a map that was added to may have other numbers of both, and what has no type is a text."""
    sent = f"`{types}`" if types else "CAST([] AS Array(UInt8))"
    return f"if(looked, arrayResize({sent}, length(mapKeys(`{name}`)), toUInt8(1)), [])"


def _with_cells(written: Written, select: str) -> str:
    """The rows with `looked` (whether they are suspicious), `whose` they are, and their suspicious `cells`."""
    cells = [
        f"if(looked, [('{name}', '', {written.kind(name)}, {_text(name)})], [])"
        for name in (*written.values, *written.names)
    ]
    cells += [f"arrayMap(t -> ('{name}', '', 1, t), {_list(name)})" for name in written.lists]
    for name, types in written.maps.items():
        cells.append(f"arrayMap(k -> ('{name}', '', 1, k), {_keys(name)})")
        kinds = _types(name, types)
        cells.append(f"arrayMap((k, v, t) -> ('{name}', k, t, v), {_keys(name)}, {_values(name)}, {kinds})")
    for name in written.map_lists:
        keys = (
            f"arrayMap(m -> arrayMap(k -> ('{name}', '', 1, CAST(k AS String)), mapKeys(m)), if(looked, `{name}`, []))"
        )
        pairs = f"arrayMap((k, v) -> ('{name}', CAST(k AS String), 1, v), mapKeys(m), mapValues(m))"
        cells += [f"arrayFlatten({keys})", f"arrayFlatten(arrayMap(m -> {pairs}, if(looked, `{name}`, [])))"]
    if name := written.exemplars:
        keys = f"arrayMap(e -> arrayMap(k -> ('{name}', '', 1, k), mapKeys(e.5)), if(looked, `{name}`, []))"
        pairs = f"arrayMap((k, v) -> ('{name}', k, 1, v), mapKeys(e.5), mapValues(e.5))"
        cells += [f"arrayFlatten({keys})", f"arrayFlatten(arrayMap(e -> {pairs}, if(looked, `{name}`, [])))"]
    kind = "Array(Tuple(String, String, UInt8, String))"
    every = ", ".join(f"CAST({one} AS {kind})" for one in cells)
    return f"""
    SELECT *, arrayFilter(c -> {_is_suspicious("c.2", "c.3", "c.4")}, arrayConcat({every})) AS cells
    FROM (SELECT *, {_suspicious(written)} AS looked, toString({written.service}) AS whose FROM ({select}))"""


def _suspicious(written: Written) -> str:
    """Whether one of a row's texts may be private; of what many rows share each is looked at once."""
    own = [_text(name) for name in written.values]
    own += [_joined(f"mapValues(`{name}`)") for name in written.maps if name not in written.repeated]
    own += [_joined(f"arrayMap(m -> {_joined('mapValues(m)')}, `{name}`)") for name in written.map_lists]
    own += [_joined(f"`{name}`") for name in written.lists]
    keys = [_joined(f"mapKeys(`{name}`)") for name in written.maps if name not in written.repeated]
    keys += [_joined(f"arrayMap(m -> {_joined('mapKeys(m)')}, `{name}`)") for name in written.map_lists]
    shared = [f"toLowCardinality(`{name}`)" for name in written.names]
    if name := written.exemplars:
        own.append(_joined(f"arrayMap(e -> {_joined('mapValues(e.5)')}, `{name}`)"))
        keys.append(_joined(f"arrayMap(e -> {_joined('mapKeys(e.5)')}, `{name}`)"))
    if written.resource:
        shared.append(written.resource)
    else:
        shared += [
            f"toLowCardinality({_joined(f'{of}(`{name}`)')})"
            for name in written.repeated
            for of in ("mapKeys", "mapValues")
        ]
    parts = [f"multiMatchAny({text}, {_KEY_LOOKS})" for text in (*shared, f"toLowCardinality({_concat(keys)})")]
    parts += [_holds(_concat(own))]
    parts += [f"has(`{types}`, {_BYTES})" for types in written.maps.values() if types]
    parts += [f"`{types}` = {_BYTES}" for types in written.types.values()]
    return f"({' OR '.join(parts)})"


def _holds(text: str) -> str:
    """Values behind private names are a long pattern of short words, searched where something stands behind a name."""
    behind = f"if(multiSearchAny({text}, {_MARKS}), {text}, '')"
    return f"multiMatchAny({text}, {_TEXT_LOOKS}) OR multiMatchAny({behind}, {_NAME_LOOKS})"


def _concat(texts: list[str]) -> str:
    return f"concat({', '.join(one for text in texts for one in (text, _LINE))})"


def _joined(array: str) -> str:
    return f"arrayStringConcat({array}, {_LINE})"
