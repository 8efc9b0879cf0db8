"""What the SDK and the server both know: field names, privacy rules, durations, the plan. Pure, and free of either."""
