"""The embedded ClickHouse: chDB as a supervised child process that speaks ClickHouse's HTTP interface.

`supervisor` runs in the server and keeps the child alive; `child` is the other process. By hand, for any
ClickHouse tool:

    MIDWATCH_ENGINE_PASSWORD=secret python -m midwatch.server.engine --path midwatch-data/store --port 8123
    curl --user midwatch:secret "http://127.0.0.1:8123/?query=SHOW+TABLES"
"""
