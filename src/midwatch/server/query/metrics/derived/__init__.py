"""Series of what is stored as spans and log records: computed when they are asked for, and stored nowhere."""
