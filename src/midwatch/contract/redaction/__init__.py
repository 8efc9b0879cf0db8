"""Private values out of texts and values: what the SDK does before anything leaves an app, and the server once more."""
