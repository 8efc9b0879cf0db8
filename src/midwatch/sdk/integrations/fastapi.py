"""FastAPI: Starlette, with spans and metrics of its own that are turned off where ours take their place."""

from fastapi import FastAPI

from midwatch.sdk.integrations import starlette


def instrument(app: FastAPI) -> None:
    starlette.instrument(app)
    # Newer versions tell of each request by themselves where a provider is set: told twice, and paid twice.
    native = getattr(app, "_telemetry", None)
    if isinstance(native, dict):
        native.update(tracing=False, metrics=False, logs=False)
