"""The embedded ClickHouse: chDB as a supervised child process that speaks ClickHouse's HTTP interface.

`supervisor` runs in the server and keeps the child alive; `child` is the other process. By hand, for any
ClickHouse tool:

    MIDWATCH_ENGINE_PASSWORD=secret python -m midwatch.server.engine.child --path DIR --port 8123
"""
