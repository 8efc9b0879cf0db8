"""A span, metrics and two lines per request; lines on stdout and over OTLP."""

import midwatch
from benchmarks.sdk.apps.routes import make

midwatch.init(service="measured", environment="production", log_format="json")
app = make(midwatch.get_logger().info)
midwatch.instrument(app)
