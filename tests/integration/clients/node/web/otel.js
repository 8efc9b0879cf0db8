import { OTLPLogExporter } from "@opentelemetry/exporter-logs-otlp-http";
import { LoggerProvider, SimpleLogRecordProcessor } from "@opentelemetry/sdk-logs";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { WebVitalsInstrumentation } from "@opentelemetry/browser-instrumentation/experimental/web-vitals";
import { build } from "./page.js";

// Vitals are of the page that was loaded, wherever one has gone since.
const path = location.pathname;
const told = new URLSearchParams(location.search);
const exporter = new OTLPLogExporter({
  url: told.get("logs"),
  headers: { authorization: `Bearer ${told.get("key")}` },
});
const provider = new LoggerProvider({
  resource: resourceFromAttributes({ "service.name": "otel-web", "user_agent.original": navigator.userAgent }),
  processors: [new SimpleLogRecordProcessor({ exporter })],
});
const vitals = new WebVitalsInstrumentation({
  applyCustomLogRecordData: (record) => {
    record.attributes["url.path"] = path;
    record.attributes["session.id"] = "otel-session";
  },
});
vitals.setLoggerProvider(provider);
build();
