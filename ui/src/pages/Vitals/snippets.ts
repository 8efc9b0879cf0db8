export function sentrySnippet(dsn: string): string {
  return `import * as Sentry from "@sentry/browser";

Sentry.init({
  dsn: "${dsn}",
  release: "shop@1.2.3",
  environment: "production",
  integrations: [Sentry.browserTracingIntegration()],
  tracesSampleRate: 0.1,
});`;
}

export function openTelemetrySnippet(otlpHttpUrl: string, key: string): string {
  return `import { OTLPLogExporter } from "@opentelemetry/exporter-logs-otlp-http";
import { BatchLogRecordProcessor, LoggerProvider } from "@opentelemetry/sdk-logs";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { WebVitalsInstrumentation } from "@opentelemetry/browser-instrumentation/experimental/web-vitals";

const path = location.pathname; // of the page that was loaded
const exporter = new OTLPLogExporter({
  url: "${otlpHttpUrl}/v1/logs",
  headers: { authorization: "Bearer ${key}" },
});
const provider = new LoggerProvider({
  resource: resourceFromAttributes({
    "service.name": "web",
    "service.version": "1.2.3",
    "user_agent.original": navigator.userAgent,
  }),
  processors: [new BatchLogRecordProcessor({ exporter })],
});
const vitals = new WebVitalsInstrumentation({
  applyCustomLogRecordData: (record) => {
    record.attributes["url.path"] = path;
  },
});
vitals.setLoggerProvider(provider);
addEventListener("visibilitychange", () => void provider.forceFlush());`;
}
