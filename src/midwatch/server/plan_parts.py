"""What reads a plan's files beside `midwatch.yml`, and what looks at more than its types; for server and CLI."""

from midwatch.contract.plan.load import Check
from midwatch.contract.plan.readers import FileReader
from midwatch.server.dashboards.files import DASHBOARD_FILES
from midwatch.server.query.metrics.derived.declared import check_searches

READERS: tuple[FileReader, ...] = (DASHBOARD_FILES,)
CHECKS: tuple[Check, ...] = (check_searches,)
