import { useApi } from "@/api/queries";
import type { Onboarding } from "@/api/types";
import { Go } from "@/components/Go";
import { Empty, LookFurther, Snippet } from "@/components/State";

/** No events in the range: how they are sent. */
export function NoEvents() {
  const query = useApi<Onboarding>("onboarding", {}, { staleMs: 60_000 });
  const key = query.data?.ingest_key ?? "<your ingest key>";
  const url = query.data?.api_url ?? window.location.origin;
  return (
    <Empty title="No product events in this time range" action={<LookFurther />}>
      PostHog&apos;s SDKs send them here unchanged. In the browser, with a key for your site from{" "}
      <Go to="/settings" search={{ tab: "keys" }} className="among">
        Settings → Keys
      </Go>
      :
      <Snippet
        label="the code for posthog-js"
        code={`import posthog from "posthog-js";\n\nposthog.init("<browser key>", { api_host: "${url}" });\nposthog.capture("signed up", { plan: "pro" });`}
      />
      On your server:
      <Snippet
        label="the code for posthog-python"
        code={`from posthog import Posthog\n\nposthog = Posthog("${key}", host="${url}")\nposthog.capture("signed up", distinct_id="user-1", properties={"plan": "pro"})`}
      />
      Log records with the name of an event can be steps and numbers, too.
    </Empty>
  );
}
