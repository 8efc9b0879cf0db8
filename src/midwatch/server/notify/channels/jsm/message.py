"""The integration API of Jira Service Management's operations: Opsgenie's, under another address."""

from midwatch.server.notify.channels.opsgenie.message import requests

API_URL = "https://api.atlassian.com/jsm/ops/integration/"

__all__ = ["API_URL", "requests"]
