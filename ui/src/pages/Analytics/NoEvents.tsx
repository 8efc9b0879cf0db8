import { useApi } from "@/api/queries";
import type { Onboarding } from "@/api/types";
import { CodeBlock } from "@/components/CopyId";
import { Go } from "@/components/Go";
import { Empty, LookFurther } from "@/components/State";
import classes from "./Analytics.module.css";

/** No events in the range: how they are sent. */
export function NoEvents() {
  const query = useApi<Onboarding>("onboarding", {}, { staleMs: 60_000 });
  const key = query.data?.ingest_key ?? "<your ingest key>";
  const url = query.data?.api_url ?? window.location.origin;
  return (
    <Empty title="No product events came in this time range" action={<LookFurther />}>
      PostHog&apos;s SDKs send them here unchanged. In the browser, with a key for your site from{" "}
      <Go to="/settings" search={{ tab: "keys" }} className="among">
        Settings → Keys
      </Go>
      :
      <div className={classes.snippet}>
        <CodeBlock
          label="the code for posthog-js"
          code={`import posthog from "posthog-js";\n\nposthog.init("<browser key>", { api_host: "${url}" });\nposthog.capture("signed up", { plan: "pro" });`}
        />
      </div>
      On your server:
      <div className={classes.snippet}>
        <CodeBlock
          label="the code for posthog-python"
          code={`from posthog import Posthog\n\nposthog = Posthog("${key}", host="${url}")\nposthog.capture("signed up", distinct_id="user-1", properties={"plan": "pro"})`}
        />
      </div>
      Log records with the name of an event can be steps and numbers, too.
    </Empty>
  );
}
