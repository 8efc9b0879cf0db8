"""`/health`, `/ready` and `/metrics`: what a load balancer, an uptime check and a Prometheus ask, without a key."""

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.process_collector import ProcessCollector

from midwatch.server.model.measure import MeasureSource
from midwatch.server.schemas.system import Check, Ready


class ReadyChecks(Protocol):
    async def run(self) -> list[Check]:
        """Ask every part that Midwatch needs, together, each with a time-out."""
        ...


def metrics_page(sources: Sequence[MeasureSource]) -> Callable[[], bytes]:
    """The rooms' measures and the process's own, as Prometheus text."""
    registry = CollectorRegistry()
    registry.register(_MeasureCollector(sources))
    ProcessCollector(registry=registry)
    return lambda: generate_latest(registry)


def health_routes(checks: ReadyChecks, page: Callable[[], bytes]) -> APIRouter:
    router = APIRouter(tags=["health"])

    # HEAD too: it is what many uptime checks ask by default.
    @router.head("/health", include_in_schema=False)
    @router.get("/health", summary="Is the process running?")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    @router.head("/ready", include_in_schema=False)
    @router.get("/ready", response_model=Ready, responses={503: {"model": Ready}}, summary="Can it serve?")
    async def ready() -> JSONResponse:
        found = await checks.run()
        answer = Ready(ready=all(check.healthy for check in found), checks=found)
        return JSONResponse(answer.model_dump(), status_code=200 if answer.ready else 503)

    @router.get("/metrics", summary="Midwatch's own metrics, as Prometheus text", response_class=Response)
    async def metrics() -> Response:
        return Response(page(), media_type=CONTENT_TYPE_LATEST)

    return router


class _MeasureCollector:
    """Turns the rooms' measures into metric families."""

    def __init__(self, sources: Sequence[MeasureSource]) -> None:
        self._sources = sources

    def collect(self) -> Iterable[Metric]:
        families: dict[str, CounterMetricFamily | GaugeMetricFamily] = {}
        for source in self._sources:
            for measure in source.measures():
                family = families.get(measure.name)
                if family is None:
                    make = CounterMetricFamily if measure.kind == "counter" else GaugeMetricFamily
                    names = [name for name, _ in measure.labels]
                    family = families[measure.name] = make(measure.name, measure.help, labels=names)
                family.add_metric([value for _, value in measure.labels], measure.value)
        return families.values()
