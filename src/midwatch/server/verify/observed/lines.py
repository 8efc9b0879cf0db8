"""Which keys lines have, whatever they tell of."""

from midwatch.contract import fields
from midwatch.contract.log_names import BUILT_IN
from midwatch.server.verify.asked import Asked
from midwatch.server.verify.observed.log_events import EVENT_SQL


async def shares_of_keys(asked: Asked) -> dict[str, float]:
    """Of the keys that teams require: the share of lines that has each, in the service that has it least often."""
    params = {
        "declared": list(asked.contract.events),
        "correlation": list(fields.names_of(fields.CORRELATION_ID)),
        "apart": list(BUILT_IN),
    }
    sql = f"""SELECT count() AS services, min(level) AS least_level, min(event) AS least_event, min(env) AS least_env,
            min(correlation) AS least_correlation
        FROM (
            SELECT avg(Level != 'unknown') AS level, avg({EVENT_SQL} != '') AS event, avg(Environment != '') AS env,
                avg(hasAny(mapKeys(LogAttributes), {{correlation:Array(String)}})) AS correlation
            FROM logs WHERE {asked.scope.where()} AND EventName NOT IN {{apart:Array(String)}} GROUP BY ServiceName)"""
    (row,) = await asked.rows(sql, params)
    if not row["services"]:
        return {}
    return {
        "ts": 1.0,
        "level": row["least_level"],
        "event": row["least_event"],
        "env": row["least_env"],
        "correlation_id": row["least_correlation"],
    }
