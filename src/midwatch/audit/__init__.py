"""`midwatch audit`: what a code base lets be seen, and what not. Reads files, and nothing else."""

from midwatch.audit.auditing import Options, Report, audit
from midwatch.audit.finding import SEVERITIES, Fact, Finding, Rule, Severity

__all__ = ["SEVERITIES", "Fact", "Finding", "Options", "Report", "Rule", "Severity", "audit"]
