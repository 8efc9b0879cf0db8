"""Source maps: uploads as Sentry's tools make them, and frames of minified JavaScript resolved with them."""
