/** The address that Sentry's SDKs are told: with the key in it, and the number of the project. */
export function dsnOf(apiUrl: string, key: string, project = 1): string {
  return `${withKey(apiUrl.replace(/\/+$/, ""), key)}/${project}`;
}

/** The address with the key in it, as Midwatch's SDK takes it. */
export function withKey(url: string, key: string): string {
  return url.replace("://", `://${encodeURIComponent(key)}@`);
}

export interface DsnTarget {
  dsn: string;
  key: string;
  otlpHttpUrl: string;
}

export interface DsnSnippet {
  id: string;
  label: string;
  /** Its code is sent to whoever opens the site, and the key with it. */
  public?: boolean;
  steps: { title: string; code: string }[];
}

/** What one writes into a program so that its errors come here. */
export function dsnSnippets({ dsn, key, otlpHttpUrl }: DsnTarget): DsnSnippet[] {
  const pythonInit = `import sentry_sdk

sentry_sdk.init(
    dsn="${dsn}",
    release="shop@1.2.3",
    environment="production",
    traces_sample_rate=0.1,
)`;
  const install = (code: string) => ({ title: "Install", code });
  const early = "Before anything else";
  return [
    {
      id: "python",
      label: "Python",
      steps: [install("pip install sentry-sdk"), { title: early, code: pythonInit }],
    },
    {
      id: "django",
      label: "Django",
      steps: [install('pip install "sentry-sdk[django]"'), { title: "At the end of settings.py", code: pythonInit }],
    },
    {
      id: "fastapi",
      label: "FastAPI",
      steps: [
        install('pip install "sentry-sdk[fastapi]"'),
        { title: "Before the app is made", code: `${pythonInit}\n\napp = FastAPI()` },
      ],
    },
    {
      id: "midwatch",
      label: "Midwatch SDK",
      steps: [
        install("pip install midwatch"),
        {
          title: early,
          code: `import midwatch

midwatch.init(service="shop", environment="production", dsn="${withKey(otlpHttpUrl, key)}")
midwatch.instrument(app)  # your FastAPI, Starlette, Flask or Django app`,
        },
      ],
    },
    {
      id: "node",
      label: "Node.js",
      steps: [
        install("npm install @sentry/node"),
        {
          title: "In instrument.js",
          code: `const Sentry = require("@sentry/node");

Sentry.init({
  dsn: "${dsn}",
  release: "shop@1.2.3",
  environment: "production",
  tracesSampleRate: 0.1,
});`,
        },
        { title: "Start with it", code: "node --require ./instrument.js app.js" },
      ],
    },
    {
      id: "nextjs",
      label: "Next.js",
      public: true,
      steps: [
        install("npm install @sentry/nextjs"),
        {
          title: "In instrumentation-client.js, for browsers",
          code: `import * as Sentry from "@sentry/nextjs";

Sentry.init({ dsn: "${dsn}", environment: "production", tracesSampleRate: 0.1 });
export const onRouterTransitionStart = Sentry.captureRouterTransitionStart;`,
        },
        {
          title: "In instrumentation.js, for the server",
          code: `import * as Sentry from "@sentry/nextjs";

export function register() {
  Sentry.init({ dsn: "${dsn}", environment: "production", tracesSampleRate: 0.1 });
}
export const onRequestError = Sentry.captureRequestError;`,
        },
      ],
    },
    {
      id: "browser",
      label: "Browser",
      public: true,
      steps: [
        install("npm install @sentry/browser"),
        {
          title: early,
          code: `import * as Sentry from "@sentry/browser";

Sentry.init({
  dsn: "${dsn}",
  release: "shop@1.2.3",
  environment: "production",
  integrations: [Sentry.browserTracingIntegration(), Sentry.replayIntegration()],
  tracesSampleRate: 0.1,
  replaysSessionSampleRate: 0.1,
  replaysOnErrorSampleRate: 1.0,
});`,
        },
      ],
    },
    {
      id: "react",
      label: "React",
      public: true,
      steps: [
        install("npm install @sentry/react"),
        {
          title: "Where the root is made (React 19)",
          code: `import * as Sentry from "@sentry/react";
import { createRoot } from "react-dom/client";

Sentry.init({ dsn: "${dsn}", release: "shop@1.2.3", environment: "production" });

createRoot(document.getElementById("root"), {
  onUncaughtError: Sentry.reactErrorHandler(),
  onCaughtError: Sentry.reactErrorHandler(),
  onRecoverableError: Sentry.reactErrorHandler(),
}).render(<App />);`,
        },
      ],
    },
    {
      id: "cloudflare",
      label: "Cloudflare",
      steps: [
        install("npm install @sentry/cloudflare"),
        { title: "In wrangler.toml", code: 'compatibility_flags = ["nodejs_als"]' },
        {
          title: "Around the worker",
          code: `import * as Sentry from "@sentry/cloudflare";

export default Sentry.withSentry(
  () => ({ dsn: "${dsn}", environment: "production", tracesSampleRate: 0.1 }),
  { async fetch(request, env, ctx) { return new Response("hello"); } },
);`,
        },
      ],
    },
    {
      id: "others",
      label: "PHP, Ruby, Go",
      steps: [
        {
          title: "PHP: composer require sentry/sentry",
          code: `\\Sentry\\init(['dsn' => '${dsn}', 'environment' => 'production']);`,
        },
        {
          title: "Ruby: gem install sentry-ruby",
          code: `Sentry.init do |config|
  config.dsn = "${dsn}"
  config.environment = "production"
end`,
        },
        {
          title: "Go: go get github.com/getsentry/sentry-go",
          code: `err := sentry.Init(sentry.ClientOptions{
	Dsn:         "${dsn}",
	Environment: "production",
})`,
        },
        { title: "Any other SDK of Sentry’s", code: `export SENTRY_DSN="${dsn}"` },
      ],
    },
    {
      id: "opentelemetry",
      label: "OpenTelemetry",
      steps: [
        {
          title: "Exceptions that are recorded on spans, or come with log records, become issues",
          code: `export OTEL_SERVICE_NAME=shop
export OTEL_EXPORTER_OTLP_ENDPOINT=${otlpHttpUrl}
export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf
export OTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer%20${key}"`,
        },
      ],
    },
  ];
}
