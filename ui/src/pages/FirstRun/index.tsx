import { Button, Tabs } from "@mantine/core";
import { IconCircleCheckFilled, IconCircleDashed } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useApi } from "@/api/queries";
import type { IngestKeyCreated, Onboarding, ReceivedSignal } from "@/api/types";
import { CodeBlock } from "@/components/CopyId";
import { PageFrame, Section } from "@/components/PageFrame";
import { Loaded, Notice } from "@/components/State";
import tabs from "@/components/Tabs.module.css";
import { RelativeTime } from "@/components/Time";
import { signalName } from "@/model/signals";
import { setPreference } from "@/state/preferences";
import { BrowserKey } from "./BrowserKey";
import classes from "./FirstRun.module.css";
import { snippets } from "./snippets";

const ASK_MS = 2000;
const SERVICES_SHOWN = 5;

/** How to send data, with the real key filled in; turns green by itself when something arrives. */
export function FirstRun() {
  const query = useApi<Onboarding>("onboarding", {}, { everyMs: ASK_MS });
  return (
    <PageFrame title="Send data">
      <Loaded query={query} what="how to send data">
        {(data) => (
          <>
            <Arrived signals={data.signals} />
            {data.ingest_key === null && (
              <Notice>
                The first key is not shown to your role, or was replaced: put a key from{" "}
                <Link to="/settings" search={{ tab: "keys" }}>
                  Settings → Keys
                </Link>{" "}
                in place of YOUR-KEY.
              </Notice>
            )}
            <HowTo data={data} />
          </>
        )}
      </Loaded>
    </PageFrame>
  );
}

function HowTo({ data }: { data: Onboarding }) {
  const [browserKey, setBrowserKey] = useState<IngestKeyCreated | null>(null);
  const list = snippets({
    key: data.ingest_key ?? "YOUR-KEY",
    browserKey: browserKey?.key ?? null,
    apiUrl: data.api_url,
    otlpHttpUrl: data.otlp_http_url ?? data.api_url,
    otlpGrpcUrl: data.otlp_grpc_url,
  });
  return (
    <Tabs defaultValue="python" mt="lg" keepMounted={false}>
      <Tabs.List className={tabs.tabs}>
        {list.map((one) => (
          <Tabs.Tab key={one.id} value={one.id}>
            {one.label}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {list.map((one) => (
        <Tabs.Panel key={one.id} value={one.id} pt="xs">
          {one.id === "browser" && <BrowserKey made={browserKey} onMade={setBrowserKey} />}
          {one.steps.map((step) => (
            <Section key={step.title} title={step.title}>
              <CodeBlock code={step.code} label={step.title} />
            </Section>
          ))}
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}

function Arrived({ signals }: { signals: readonly ReceivedSignal[] }) {
  const any = signals.some((one) => one.received);
  return (
    <div className={classes.arrived} data-any={any}>
      <p className={classes.headline} role="status">
        {any ? "Data is arriving" : "Waiting for the first data"}
      </p>
      <ul>
        {signals.map((one) => (
          <li key={one.signal}>
            {one.received ? (
              <IconCircleCheckFilled size={18} className="good" aria-hidden />
            ) : (
              <IconCircleDashed size={18} className="soft" aria-hidden />
            )}
            <strong>{signalName(one.signal)}</strong>
            {one.received ? (
              <span className="soft">
                {one.services.slice(0, SERVICES_SHOWN).join(", ")}
                {one.services.length > SERVICES_SHOWN && ` and ${one.services.length - SERVICES_SHOWN} more`}{" "}
                <RelativeTime time={one.last} />
              </span>
            ) : (
              <span className="soft">none yet</span>
            )}
          </li>
        ))}
      </ul>
      <Button
        component={Link}
        to="/"
        variant={any ? "filled" : "default"}
        onClick={() => setPreference("dismissedFirstRun", true)}
      >
        {any ? "Go to Home" : "Look around first"}
      </Button>
    </div>
  );
}
