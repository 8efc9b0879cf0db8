"""PostgreSQL: a session, and `SELECT 1` in it."""

from typing import Any

import psycopg

from midwatch.contract.plan.probes.targets import PostgresqlTarget
from midwatch.server.monitors.probes.attempt import Attempt, ProbeFailed, Reason
from midwatch.server.monitors.probes.kinds.redis import password_of
from midwatch.server.monitors.probes.reaching import streams
from midwatch.server.outgoing.files import FileRefused

_AUTHENTICATION = ("28000", "28P01")


async def ask(target: PostgresqlTarget, attempt: Attempt) -> None:
    host, port = target.endpoint or ("", 0)
    password = password_of(target.password, target.password_file, attempt)
    tls = _tls(target, attempt)
    async with streams(attempt, host, port):
        pass  # libpq tells "no server" from "no network" by text alone
    address = attempt.facts["address"]
    try:
        with attempt.phase("processing"):
            connection = await psycopg.AsyncConnection.connect(
                host=host,
                hostaddr=address,
                port=port,
                user=target.username or "postgres",
                password=password,
                dbname=target.database,
                application_name="midwatch",
                autocommit=True,
                **tls,
            )
            try:
                await connection.execute("SELECT 1")
            finally:
                await connection.close()
    except psycopg.Error as error:
        said = (str(error).strip().splitlines() or [type(error).__name__])[-1]
        lost = error.sqlstate in _AUTHENTICATION or "password authentication failed" in said or "no password" in said
        raise ProbeFailed(Reason.AUTHENTICATION if lost else Reason.ANSWER, f"PostgreSQL: {said}") from None


def _tls(target: PostgresqlTarget, attempt: Attempt) -> dict[str, Any]:
    if not target.tls:
        return {"sslmode": "prefer"}
    config = target.tls_config
    if config.insecure_skip_verify:
        return {"sslmode": "require"}
    try:
        found = {"sslmode": "verify-full", "sslrootcert": "system"}
        if config.ca:
            raise ProbeFailed(Reason.CONFIGURATION, "tls_config.ca: expected ca_file; PostgreSQL's library reads files")
        if config.ca_file:
            found["sslrootcert"] = str(attempt.files.path(config.ca_file))
        if config.cert_file:
            found["sslcert"] = str(attempt.files.path(config.cert_file))
            found["sslkey"] = str(attempt.files.path(config.key_file))
    except FileRefused as error:
        raise ProbeFailed(Reason.CONFIGURATION, f"tls_config: {error}") from None
    return found
