"""What a flattening consists of, and how it becomes an INSERT."""

from dataclasses import dataclass, replace

from midwatch.server.store.flatten import private
from midwatch.server.store.flatten.written import WRITTEN, Written
from midwatch.server.store.series_limits import judged
from midwatch.server.store.staging import NO_LEAKS, SERIES_IN, Staging, Target

SETTINGS: dict[str, str | int] = {
    "format_schema_source": "string",
    "format_schema_message_name": "Frame",
    "input_format_protobuf_oneof_presence": 1,
    # One reader and one block: nothing reaches a table before the whole segment is decoded, and then it is one part per
    # day and table. Without short circuits a lambda runs once over all values and not once per branch.
    "max_threads": 1,
    "max_insert_threads": 1,
    "min_insert_block_size_rows": 1_000_000_000,
    "min_insert_block_size_bytes": 1 << 40,
    "max_insert_block_size": 1_000_000_000,
    "short_circuit_function_evaluation": "disable",
    "max_partitions_per_insert_block": 0,
    "optimize_on_insert": 1,
    "materialized_views_ignore_errors": 0,
    "parallel_view_processing": 0,
    "date_time_overflow_behavior": "saturate",
    # Arrays that are joined side by side are different things of one body (see `remote_write`).
    "enable_unaligned_array_join": 1,
    # What a plan of some five hundred functions costs is paid once per segment. Nothing here needs the optimizer, which
    # hashes every tree of every comparison: with it, planning took twice as long (where series are judged up to twenty
    # times), and running was no quicker: the days of a set of known series are chosen without it, too.
    "query_plan_enable_optimizations": 0,
    "optimize_and_compare_chain": 0,
    "optimize_extract_common_expressions": 0,
    "optimize_redundant_comparisons": 0,
    # What private values look like is told by patterns of ours, measured as they are.
    "reject_expensive_hyperscan_regexps": 0,
}


@dataclass(frozen=True, slots=True)
class Looking:
    """How a statement looks at what may be private."""

    refuses: bool = True
    answers: str = ""
    """The table that has what is put for suspicious cells; without one a suspicious row makes the statement fail."""


NOT_LOOKED_AT, REFUSING = Looking(refuses=False), Looking()


@dataclass(frozen=True, slots=True)
class Flattening:
    """One kind of segment. `select` reads from `{source}` and takes the parameters listed in `PARAMETERS`."""

    schema: str
    """Protobuf schema of a frame; recursive members are cut off as bytes, which is the same on the wire."""
    structure: str
    """The same as ClickHouse columns."""
    select: str
    columns: tuple[str, ...]
    staging: Staging
    has_resource_text: bool = False
    """Whether `select` has `ResourceText`, all of a resource joined."""
    plain: "Flattening | None" = None
    """A quicker one for segments of plain values, which makes the same rows of them; on others it fails with
    `attributes.PLAIN_CODE` and has stored nothing."""

    @property
    def written(self) -> Written | None:
        """Where private values may stand; None where nothing of it is looked at here."""
        return WRITTEN.get(self.staging.table)

    def insert(self, *, limited: bool = False, looking: Looking = NOT_LOOKED_AT) -> str:
        """The INSERT of a whole segment; its data is the request's body. `limited`: series are judged (see there)."""
        names = self._names(looking)
        select = judged(self._select(looking)) if limited else self._select(looking)
        return f"INSERT INTO {self.staging.table} ({names}) SELECT {names} FROM ({select}) FORMAT Protobuf"

    def insert_missing(self, target: Target, *, limited: bool = False, looking: Looking = NOT_LOOKED_AT) -> str:
        """The INSERT into one target of the days that it lacks: parameter `{present:Array(UInt32)}` has those it has."""
        of_series = self.staging.table == SERIES_IN
        rows = judged(self._select(looking)) if limited and of_series else self._select(looking)
        present = f"WHERE NOT has({{present:Array(UInt32)}}, {target.day})"
        names = self._names(looking)
        if self.written is not None and not looking.answers:
            names = f"{names}, {NO_LEAKS} AS Leaks"
        inner = f"(SELECT {names} FROM ({rows}) {present})"
        select = target.select.format(source=inner)
        if limited and target.table == SERIES_IN:
            select = judged(select, part=target.part)
        return f"INSERT INTO {target.table} {select} FORMAT Protobuf"

    def collect(self, table: str) -> str:
        """The INSERT of a segment's suspicious cells into `table`."""
        return private.collecting(self._written_here(), self._flattened(), table)

    def _select(self, looking: Looking) -> str:
        if self.written is None or looking == NOT_LOOKED_AT:
            return self._flattened()
        if looking.answers:
            return private.replacing(self._written_here(), self._flattened(), self.columns, looking.answers)
        return private.refusing(self._written_here(), self._flattened())

    def _written_here(self) -> Written:
        assert self.written is not None
        return replace(self.written, resource="ResourceText" if self.has_resource_text else "")

    def _flattened(self) -> str:
        escaped = self.structure.replace("\\", "\\\\").replace("'", "\\'")
        return self.select.replace("{source}", f"input('{escaped}')")

    def _names(self, looking: Looking) -> str:
        more = ("Leaks",) if looking.answers and self.written is not None else ()
        return ", ".join(f"`{name}`" for name in (*self.columns, *more))
