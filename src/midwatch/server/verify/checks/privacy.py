"""Private keys that apps told of: their values were removed, by the SDK or here, and should not be told at all."""

from midwatch.contract.privacy import REMOVED
from midwatch.server.verify.asked import Asked
from midwatch.server.verify.finding import Finding, Outcome
from midwatch.server.verify.registry import Check

KEYS_MAX = 200
_TABLES = (("logs", "LogAttributes", "log lines", "/logs"), ("spans", "SpanAttributes", "spans", "/traces"))


async def run(asked: Asked) -> Outcome:
    outcome = Outcome()
    for table, attributes, what, page in _TABLES:
        sql = f"""SELECT toString(ServiceName) AS service, key, count() AS n, min(ts) AS first FROM (
                SELECT ServiceName, toUnixTimestamp64Nano(Timestamp) AS ts, arrayJoin(arrayFilter(
                    (k, v) -> v = '{REMOVED}', mapKeys({attributes}), mapValues({attributes}))) AS key
                FROM {table} WHERE {asked.scope.where()} AND has(mapValues({attributes}), '{REMOVED}'))
            GROUP BY service, key ORDER BY n DESC, service, key LIMIT {KEYS_MAX}"""
        for row in await asked.rows(sql):
            outcome.add(
                Finding(
                    kind="private_key",
                    severity="warning",
                    subject=f"{row['service'] or '(no service)'}: {row['key']} in {what}",
                    expected=f"nothing under {row['key']}: the key is private",
                    found=f"{row['n']:,} {what} with it; their values were removed",
                    todo=f"Take {row['key']} out of what {row['service'] or 'the app'} tells; if not private, name"
                    " the entry of the default list in privacy.keep.",
                    since_ns=row["first"],
                    link=asked.link(page, query=f'{row["key"]}:"{REMOVED}"'),
                )
            )
    return outcome


CHECK = Check("privacy", "Privacy", 90, run)
