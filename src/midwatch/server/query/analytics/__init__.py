"""Questions about what people do: funnels, trends, retention, flags, sessions, and who is behind a number."""
