"""What a staging table and its targets are, and the targets that every signal has: limits hit and set aside."""

from dataclasses import dataclass

from midwatch.server.model.signal import Signal

EVENT_DAY = "toYYYYMMDD(Timestamp)"
RECEIVED_DAY = "toYYYYMMDD(ReceivedAt)"
SERIES_IN = "series_in"
LEAKS = "Array(Tuple(Found String, Place String, Key String))"
"""What was private in a row, as `leaks` counts it."""
NO_LEAKS = f"CAST([] AS {LEAKS})"
"""Of rows made of others, which have told it."""
NOT_TOLD = "SELECT toUInt32(0) AS day WHERE false"
"""Of a table in which a row that is inserted again changes nothing: it is simply inserted again."""


@dataclass(frozen=True, slots=True)
class Target:
    """One table fed from a staging table. `select` has `{source}` where the rows come from."""

    table: str
    select: str
    day: str
    """Day of a source row, as this table is partitioned: an expression over the source's columns."""
    present: str
    """Days of a segment that are in the table: a SELECT with the parameter `{segment:String}`, one UInt32 column."""
    part: str = ""
    """Tells targets apart that feed one table."""


@dataclass(frozen=True, slots=True)
class Staging:
    """A staging table (ENGINE Null) and what it feeds."""

    table: str
    signal: Signal
    targets: tuple[Target, ...]

    @property
    def brings_series(self) -> bool:
        """Whether it is `series_in`, or feeds it."""
        return SERIES_IN in (self.table, *(target.table for target in self.targets))


def minute(time: str) -> str:
    """Start of the minute of any time from 1900 to 2262; `toStartOfMinute` wraps outside of 1970 to 2106."""
    seconds = f"toUnixTimestamp64Second({time})"
    return f"CAST({seconds} - positiveModulo({seconds}, 60) AS DateTime64(0, 'UTC'))"


def roll_up(table: str, select: str, *, source_day: str, table_day: str) -> Target:
    # Under one value of `Writer` segments go in one after another in the order of their ids (see `writer.Labels`). So
    # after an unknown outcome the segment in question is the newest: the rows that it touched carry it as their last.
    present = f"SELECT DISTINCT toUInt32({table_day}) FROM {table} WHERE LastSegment = unhex({{segment:String}})"
    return Target(table, select, source_day, present)


OF_SERIES = "too_many_series"
"""How reasons begin that only `series_in` tells. What brings series by another staging table has them told by the view
on that one, so each of the two is asked apart for what it has told of a segment."""
OF_SERIES_KEPT = 100
"""Rows of a segment that are kept for each of these reasons, as examples; a flood would fill the disk."""


def _present(table: str, day: str, segment: str, *, of_series: bool) -> str:
    told = "" if of_series else f" AND NOT startsWith(Reason, '{OF_SERIES}')"
    return f"SELECT DISTINCT toUInt32({day}) FROM {table} WHERE {segment} = unhex({{segment:String}}){told}"


def limits(signal: Signal, *, items: str = "count()", of_series: bool = False) -> Target:
    """What the items of a segment were cut, clamped or set aside for; `items` counts them over rows."""
    return Target(
        "limits_hit",
        f"""SELECT Project, KeyId, '{signal.value}' AS Signal,
            arrayJoin(arrayConcat(Adjustments, if(SetAside = '', [], [SetAside]))) AS Reason,
            toUInt32(toYYYYMMDD(ReceivedAt)) AS Day, {minute("ReceivedAt")} AS Minute,
            any(Writer) AS Writer, max(Segment) AS LastSegment, {items} AS Count
        FROM {{source}} WHERE notEmpty(Adjustments) OR SetAside != ''
        GROUP BY Project, KeyId, Signal, Reason, Day, Minute""",
        RECEIVED_DAY,
        _present("limits_hit", "Day", "LastSegment", of_series=of_series),
    )


def set_aside(
    signal: Signal, item: str, *, time: str = "Timestamp", service: str = "ServiceName", of_series: bool = False
) -> Target:
    """Items that could not be kept where they belong, as JSON."""
    some = (
        f"LIMIT {OF_SERIES_KEPT} BY Reason, if(startsWith(Reason, '{OF_SERIES}'), toUInt32(0), SegmentRow)"
        if of_series
        else ""
    )
    return Target(
        "set_aside",
        f"""SELECT Project, KeyId, '{signal.value}' AS Signal, SetAside AS Reason, {time} AS ItemTime, ReceivedAt,
            {service} AS ServiceName, {item} AS Item, Segment, SegmentRow
        FROM {{source}} WHERE SetAside != '' {some}""",
        RECEIVED_DAY,
        _present("set_aside", "toYYYYMMDD(ReceivedAt)", "Segment", of_series=of_series),
    )


def leaks(signal: Signal, *, service: str = "ServiceName") -> Target:
    """What was private in the items of a segment, by what it was and where it stood."""
    return Target(
        "leaks",
        f"""SELECT Project, '{signal.value}' AS Signal, toString({service}) AS ServiceName,
            arrayJoin(splitByChar(',', leak.1)) AS Found, leak.2 AS Place, leak.3 AS Key, KeyId,
            toUInt32(toYYYYMMDD(ReceivedAt)) AS Day, {minute("ReceivedAt")} AS Minute,
            any(Writer) AS Writer, max(Segment) AS LastSegment, count() AS Count
        FROM {{source}} ARRAY JOIN Leaks AS leak
        GROUP BY Project, Signal, ServiceName, Found, Place, Key, KeyId, Day, Minute""",
        RECEIVED_DAY,
        "SELECT DISTINCT toUInt32(Day) FROM leaks WHERE LastSegment = unhex({segment:String})",
    )


def again(table: str, select: str, *, part: str = "") -> Target:
    """A target that takes a segment's rows again without a change: one of a replacing engine."""
    return Target(table, select, "toUInt32(1)", NOT_TOLD, part)
