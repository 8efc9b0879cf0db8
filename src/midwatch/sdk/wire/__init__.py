"""The OTLP messages that the SDK sends, written straight to their protobuf encoding (opentelemetry-proto 1.x)."""
