"""What PostHog's SDKs ask before they send: settings of a project, and the values of its feature flags."""

from typing import Any

OFF: dict[str, Any] = {
    "supportedCompression": ["gzip", "gzip-js"],
    "hasFeatureFlags": False,
    "autocapture_opt_out": False,
    "autocaptureExceptions": False,
    "analytics": {"endpoint": "/e/"},
    "captureDeadClicks": False,
    "capturePerformance": False,
    "conversations": False,
    "defaultIdentifiedOnly": True,
    "elementsChainAsString": True,
    "errorTracking": {"autocaptureExceptions": False},
    "heatmaps": False,
    "isAuthenticated": False,
    "logs": {"captureConsoleLogs": False},
    "productTours": False,
    "sessionRecording": False,
    "siteApps": [],
    "toolbarParams": {},
}
"""Everything that would load another script, or send what is not kept here, is off. Not so surveys: where it hears of
them at all, posthog-js loads their script."""


def project_config(key: str) -> dict[str, Any]:
    """`/array/<key>/config`: what posthog-js may do."""
    return {**OFF, "token": key}


NO_FLAGS: dict[str, Any] = {
    **OFF,
    "errorsWhileComputingFlags": True,
    "quotaLimited": [],
    "flags": {},
    "featureFlags": {},
    "featureFlagPayloads": {},
}
"""`/flags` and `/decide`: Midwatch has no flags to give, by whichever name a version reads them. Said to be incomplete:
an SDK that believed it had them all would drop those that the app has given it (`bootstrap`)."""

NO_DEFINITIONS: dict[str, Any] = {"flags": [], "group_type_mapping": {}, "cohorts": {}}
"""`/flags/definitions`: what posthog-python would evaluate by itself."""
