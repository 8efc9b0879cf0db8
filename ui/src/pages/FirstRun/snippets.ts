import { withKey } from "@/model/dsn";

/** What one copies to send the first data, with the real addresses and key. */
export interface Target {
  key: string;
  /** For browsers, once it was made. */
  browserKey: string | null;
  apiUrl: string;
  otlpHttpUrl: string;
  otlpGrpcUrl: string | null;
}

export interface Snippet {
  id: string;
  label: string;
  steps: { title: string; code: string }[];
}

export function snippets({ key, browserKey, apiUrl, otlpHttpUrl, otlpGrpcUrl }: Target): Snippet[] {
  return [
    {
      id: "python",
      label: "Python",
      steps: [
        { title: "Install Midwatch's SDK", code: "pip install midwatch" },
        {
          title: "In your program, before anything else",
          code: `import midwatch

midwatch.init(service="my-service", environment="development", dsn="${withKey(otlpHttpUrl, key)}")
midwatch.instrument(app)  # your FastAPI, Starlette, Flask or Django app`,
        },
        {
          title: "Or install OpenTelemetry and let it find your libraries",
          code: "pip install opentelemetry-distro opentelemetry-exporter-otlp-proto-http\nopentelemetry-bootstrap --action=install",
        },
        {
          title: "Start your program through it",
          code: environment({ key, otlpHttpUrl }) + "opentelemetry-instrument python app.py",
        },
      ],
    },
    {
      id: "node",
      label: "Node.js",
      steps: [
        { title: "Install", code: "npm install @opentelemetry/api @opentelemetry/auto-instrumentations-node" },
        {
          title: "Start your program with it",
          code:
            environment({ key, otlpHttpUrl }) +
            "node --require @opentelemetry/auto-instrumentations-node/register app.js",
        },
      ],
    },
    {
      id: "browser",
      label: "Browser",
      steps: [
        {
          title: "Install",
          code: "npm install @opentelemetry/sdk-trace-web @opentelemetry/exporter-trace-otlp-http @opentelemetry/resources",
        },
        {
          title: "In your page",
          code: `import { WebTracerProvider, BatchSpanProcessor } from "@opentelemetry/sdk-trace-web";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";

const exporter = new OTLPTraceExporter({
  url: "${otlpHttpUrl}/v1/traces",
  headers: { authorization: "Bearer ${browserKey ?? "YOUR-BROWSER-KEY"}" },
});
new WebTracerProvider({
  resource: resourceFromAttributes({ "service.name": "web" }),
  spanProcessors: [new BatchSpanProcessor(exporter)],
}).register();`,
        },
      ],
    },
    {
      id: "collector",
      label: "Collector",
      steps: [
        {
          title: "Add to the OpenTelemetry Collector's configuration",
          code: `exporters:
  otlphttp/midwatch:
    endpoint: ${otlpHttpUrl}
    headers:
      authorization: Bearer ${key}
service:
  pipelines:
    traces: { receivers: [otlp], exporters: [otlphttp/midwatch] }
    logs: { receivers: [otlp], exporters: [otlphttp/midwatch] }
    metrics: { receivers: [otlp], exporters: [otlphttp/midwatch] }`,
        },
        ...(otlpGrpcUrl === null
          ? []
          : [
              {
                title: "Over gRPC instead",
                code: `exporters:
  otlp/midwatch:
    endpoint: ${otlpGrpcUrl.replace(/^https?:\/\//, "")}
    tls: { insecure: ${otlpGrpcUrl.startsWith("https") ? "false" : "true"} }
    headers:
      authorization: Bearer ${key}`,
              },
            ]),
      ],
    },
    {
      id: "curl",
      label: "curl",
      steps: [
        {
          title: "Send one log line",
          code: `curl ${apiUrl}/ingest/ndjson \\
  -H "authorization: Bearer ${key}" \\
  -H "content-type: application/x-ndjson" \\
  -d '{"level":"info","message":"hello from curl","service":"curl"}'`,
        },
      ],
    },
  ];
}

function environment({ key, otlpHttpUrl }: { key: string; otlpHttpUrl: string }): string {
  return `export OTEL_SERVICE_NAME=my-service
export OTEL_RESOURCE_ATTRIBUTES=deployment.environment.name=development
export OTEL_EXPORTER_OTLP_ENDPOINT=${otlpHttpUrl}
export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf
export OTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer%20${key}"
export OTEL_LOGS_EXPORTER=otlp
`;
}
