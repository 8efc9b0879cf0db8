"""PostHog's capture protocol: bodies of its SDKs → lines of the write-ahead log; and what its SDKs ask for."""
