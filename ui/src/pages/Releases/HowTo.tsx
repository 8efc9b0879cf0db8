import { Button } from "@mantine/core";
import { CodeBlock } from "@/components/CopyId";
import { Go } from "@/components/Go";
import { PageFrame, Section } from "@/components/PageFrame";
import classes from "./Releases.module.css";

const VERSION = "my-app@1.2.3";

/** How source maps, releases and deploys are sent, with this server's own address. */
export function HowTo({ onDone }: { onDone: () => void }) {
  const here = window.location.origin;
  const environment = [
    `export SENTRY_URL=${here}`,
    "export SENTRY_AUTH_TOKEN=mwt_…   # an API token of an editor, with read and write",
    "export SENTRY_ORG=midwatch       # any name",
    "export SENTRY_PROJECT=1          # the last part of the DSN",
  ].join("\n");
  return (
    <PageFrame
      title="Source maps and deploys"
      actions={
        <Button variant="default" onClick={onDone}>
          Back to the list
        </Button>
      }
    >
      <div className={classes.steps}>
        <p>
          Sentry&apos;s own tools upload here as they are. They need an API token, made under{" "}
          <Go to="/settings" search={{ tab: "tokens" }} className="among">
            Settings → API tokens
          </Go>
          , and this server as their address:
        </p>
        <CodeBlock code={environment} label="the environment" />
        <Section title="Source maps">
          <p>
            After the build, for files that find their map by a debug id. What comes late is used, too, for errors that
            are stored already.
          </p>
          <CodeBlock code={"sentry-cli sourcemaps inject dist\nsentry-cli sourcemaps upload dist"} label="the upload" />
          <p>Or in the build, by the plugin of your bundler:</p>
          <CodeBlock code={pluginOf(here)} label="the plugin" />
        </Section>
        <Section title="Releases">
          <CodeBlock
            code={[
              `sentry-cli releases new ${VERSION}`,
              `sentry-cli releases set-commits ${VERSION} --auto`,
              `sentry-cli releases finalize ${VERSION}`,
              `sentry-cli deploys new --release ${VERSION} --env production`,
            ].join("\n")}
            label="the release"
          />
        </Section>
        <Section title="Deploys, without any tool">
          <p>With an ingest key, from whatever deploys:</p>
          <CodeBlock
            code={`curl ${here}/api/v1/deploys \\
  -H "Authorization: Bearer $MIDWATCH_INGEST_KEY" -H "Content-Type: application/json" \\
  -d '{"version": "${VERSION}", "environment": "production", "service": "shop"}'`}
            label="the command"
          />
        </Section>
      </div>
    </PageFrame>
  );
}

function pluginOf(here: string): string {
  return `// vite.config.ts
import { sentryVitePlugin } from "@sentry/vite-plugin";

export default defineConfig({
  build: { sourcemap: true },
  plugins: [
    sentryVitePlugin({
      url: "${here}",
      org: "midwatch",
      project: "1",
      authToken: process.env.SENTRY_AUTH_TOKEN,
    }),
  ],
});`;
}
