"""LogQL's tree to ClickHouse SQL over `logs`. Lines, labels and numbers are worked out there, not line by line here."""
