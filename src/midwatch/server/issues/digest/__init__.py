"""The digest: what came by Sentry's doors, or was told in spans and records, becomes events of issues and telemetry.

`worker.py` runs in another process and is pure but for its memory; `digester.py` drives it and puts away what it made.
"""
