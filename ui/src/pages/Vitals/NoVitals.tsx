import { useApi } from "@/api/queries";
import type { Onboarding } from "@/api/types";
import { CodeBlock } from "@/components/CopyId";
import { Empty, LookFurther } from "@/components/State";
import { Go } from "@/components/Go";
import { dsnOf } from "@/model/dsn";
import { openTelemetrySnippet, sentrySnippet } from "./snippets";
import classes from "./Vitals.module.css";

const KEY = "YOUR-BROWSER-KEY";

/** How browsers come to tell something. */
export function NoVitals() {
  const { data } = useApi<Onboarding>("onboarding");
  const apiUrl = data?.api_url ?? location.origin;
  return (
    <div className={classes.none}>
      <Empty title="No measurements in this time range" action={<LookFurther />}>
        Web vitals, page loads and sessions come from Sentry’s browser SDK, or from OpenTelemetry’s. Create a key for
        your site under{" "}
        <Go to="/send-data" className="among">
          Send data → Browser
        </Go>{" "}
        and put it in place of {KEY}.
      </Empty>
      <h2>Sentry’s SDK</h2>
      <CodeBlock code={sentrySnippet(dsnOf(apiUrl, KEY))} label="the code for Sentry's SDK" />
      <h2>OpenTelemetry</h2>
      <CodeBlock code={openTelemetrySnippet(data?.otlp_http_url ?? apiUrl, KEY)} label="the code for OpenTelemetry" />
    </div>
  );
}
