"""What comes in by OTLP, sent on to other OTLP endpoints."""
