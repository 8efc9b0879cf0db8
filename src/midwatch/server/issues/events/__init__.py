"""One error as everything here sees it: the JSON of a Sentry event, whoever told of it, within bounds."""
