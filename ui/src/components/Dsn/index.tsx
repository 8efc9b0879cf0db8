import { Tabs } from "@mantine/core";
import { useApi } from "@/api/queries";
import type { Onboarding } from "@/api/types";
import { CodeBlock } from "@/components/CopyId";
import { Go } from "@/components/Go";
import { Notice } from "@/components/State";
import tabs from "@/components/Tabs.module.css";
import { dsnOf, dsnSnippets } from "@/model/dsn";
import classes from "./Dsn.module.css";

const NO_KEY = "YOUR-KEY";

/** The address that SDKs are told, and what one writes with each of them. Without a key: the first one, where it is known. */
export function Dsn({ secret, project = 1 }: { secret?: string; project?: number }) {
  const onboarding = useApi<Onboarding>("onboarding", {}, { staleMs: 60_000 });
  const key = secret ?? onboarding.data?.ingest_key ?? NO_KEY;
  const apiUrl = onboarding.data?.api_url ?? location.origin;
  const dsn = dsnOf(apiUrl, key, project);
  const list = dsnSnippets({ dsn, key, otlpHttpUrl: onboarding.data?.otlp_http_url ?? apiUrl });
  return (
    <div className={classes.dsn}>
      <h3>DSN</h3>
      <CodeBlock code={dsn} label="the DSN" />
      {key === NO_KEY && (
        <p className="small soft">
          Put a key of{" "}
          <Go to="/settings" search={{ tab: "keys" }} className="among">
            Settings → Keys
          </Go>{" "}
          in place of {NO_KEY}: keys are shown in full only when they are made.
        </p>
      )}
      <Tabs defaultValue="python" mt="sm" keepMounted={false}>
        <Tabs.List className={tabs.tabs}>
          {list.map((one) => (
            <Tabs.Tab key={one.id} value={one.id}>
              {one.label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {list.map((one) => (
          <Tabs.Panel key={one.id} value={one.id} pt="xs">
            {one.public && (
              <Notice>
                Browsers show this key to everybody: make one for your site’s origin under{" "}
                <Go to="/settings" search={{ tab: "keys" }} className="among">
                  Settings → Keys
                </Go>
                . It can write and never read.
              </Notice>
            )}
            {one.steps.map((step) => (
              <section key={step.title} aria-label={step.title}>
                <h4>{step.title}</h4>
                <CodeBlock code={step.code} label={step.title} />
              </section>
            ))}
          </Tabs.Panel>
        ))}
      </Tabs>
    </div>
  );
}
