"""The engine by hand, for a ClickHouse tool on a data directory. Stop the server first: one process owns a path."""

from midwatch.server.engine.child import main

main()
