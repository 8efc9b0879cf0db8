"""Deploys of a story's services."""

from collections.abc import Sequence

from midwatch.server.model.story_id import StoryId
from midwatch.server.query.story import links
from midwatch.server.query.story.asking import Window
from midwatch.server.query.story.lines import Line, LineKind
from midwatch.server.query.story.sources.shape import AROUND_MAX
from midwatch.server.workspace.releases import Releases

_MS = 1_000_000


class Deploys:
    name = "deploys"

    def __init__(self, releases: Releases) -> None:
        self._releases = releases

    async def around(
        self,
        project: int,
        services: Sequence[str],
        environments: Sequence[str],
        window: Window,
        ids: Sequence[StoryId],
    ) -> list[Line]:
        found = await self._releases.deploys_between(
            project, window.start_ns // _MS, window.end_ns // _MS + 1, environments=environments
        )
        lines = [
            Line(
                key=f"deploy-{row.id}",
                time_ns=row.finished_ms * _MS,
                kind=LineKind.DEPLOY,
                service=row.service,
                environment=row.environment,
                title=f"{version} deployed",
                detail=" ".join(
                    part for part in (row.name, f"to {row.environment}" if row.environment else "") if part
                ),
                link=links.deploy(version),
            )
            for row, version in found
            if not row.service or row.service in services
        ]
        return lines[:AROUND_MAX][::-1]
