"""What tells stories, put together."""

from midwatch.server.model.clock import Clock
from midwatch.server.query.source import Source
from midwatch.server.query.story.sources.alerts import Alerts
from midwatch.server.query.story.sources.deploys import Deploys
from midwatch.server.query.story.sources.errors import Errors
from midwatch.server.query.story.sources.logs import Logs
from midwatch.server.query.story.sources.product_events import ProductEvents
from midwatch.server.query.story.sources.recorded_events import RecordedEvents
from midwatch.server.query.story.sources.replays import Replays
from midwatch.server.query.story.sources.spans import Spans
from midwatch.server.query.story.story import StoryQueries
from midwatch.server.workspace.alerting import AlertingState
from midwatch.server.workspace.releases import Releases
from midwatch.server.workspace.replays import ReplayLedger


def stories(
    source: Source, replays: ReplayLedger, alerts: AlertingState, releases: Releases, clock: Clock
) -> StoryQueries:
    sources = (
        Spans(source),
        Logs(source),
        Errors(source),
        ProductEvents(source),
        RecordedEvents(source),
        Replays(replays),
    )
    return StoryQueries(source, sources, (Alerts(alerts), Deploys(releases)), clock)
