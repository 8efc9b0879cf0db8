"""What reads a plan's files beside `midwatch.yml`, and what looks at more than its types; for server and CLI."""

from midwatch.contract.plan.load import Check
from midwatch.contract.plan.readers import FileReader
from midwatch.server.alerting.config.read import alertmanager_reader
from midwatch.server.alerting.maintenance import check_windows
from midwatch.server.alerting.oncall.kinds import ON_CALL_KINDS
from midwatch.server.dashboards.files import DASHBOARD_FILES
from midwatch.server.monitors.plan_check import check_monitors
from midwatch.server.notify.files import TEMPLATE_FILES
from midwatch.server.notify.kinds import KINDS
from midwatch.server.query.metrics.derived.declared import check_searches
from midwatch.server.query.spending.plan import check_counted
from midwatch.server.rules.files import RULE_FILES
from midwatch.server.runbooks.files import RUNBOOK_FILES
from midwatch.server.slo.files import SLO_FILES

READERS: tuple[FileReader, ...] = (
    DASHBOARD_FILES,
    RULE_FILES,
    RUNBOOK_FILES,
    SLO_FILES,
    alertmanager_reader({**KINDS, **ON_CALL_KINDS}),
    TEMPLATE_FILES,
)
CHECKS: tuple[Check, ...] = (check_windows, check_searches, check_monitors, check_counted)
