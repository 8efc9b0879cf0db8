"""The status page: what the public is told, by component; from the workspace, whatever the store does."""
