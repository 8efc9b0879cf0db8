"""LogQL (Loki's query language): read here, answered by SQL over `logs` and by PromQL's arithmetic over its answers."""
