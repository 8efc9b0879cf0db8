"""Session replays: recordings of visits as Sentry's SDK makes them, kept in blobs, found by the workspace."""
