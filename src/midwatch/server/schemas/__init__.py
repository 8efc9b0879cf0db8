"""The shapes of `/api/v1`: what the page, the command line and other people's scripts read and write."""
