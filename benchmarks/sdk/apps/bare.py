"""Nothing but the app and its JSON lines."""

from benchmarks.sdk.apps.json_lines import configure
from benchmarks.sdk.apps.routes import make

app = make(configure().info)
