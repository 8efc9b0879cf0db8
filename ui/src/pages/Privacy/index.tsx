import { useSearch } from "@tanstack/react-router";
import { Button, Pill } from "@mantine/core";
import { useScopedApi } from "@/api/queries";
import type { LeakReport } from "@/api/types";
import { AreaViews } from "@/components/AreaViews";
import { LongTable } from "@/components/LongTable";
import { PageFrame } from "@/components/PageFrame";
import { Cut, Empty, Loaded, LookFurther } from "@/components/State";
import { RelativeTime } from "@/components/Time";
import { formatExact } from "@/lib/format";
import { PLAN_VIEWS } from "@/pages/Plan/views";
import { leakingServices, leakName, leakPlace } from "@/model/leaks";
import { useSearchChange } from "@/state/useOpened";
import type { PrivacySearch } from "./url";

const LISTED = 1000;
const COLUMNS = [
  { label: "What it was" },
  { label: "Service" },
  { label: "Where it stood" },
  { label: "Signal", wideOnly: true },
  { label: "Times", numeric: true },
  { label: "Last" },
];

/** What was private in what came, and was taken out before it was stored: what and where, and never what it said. */
export function Privacy() {
  const { service } = useSearch({ strict: false }) as PrivacySearch;
  const change = useSearchChange<PrivacySearch>();
  const query = useScopedApi<LeakReport>("privacy/leaks", { limit: LISTED });
  return (
    <PageFrame title="Privacy" heading="Plan">
      <AreaViews label="Plan" views={PLAN_VIEWS} />
      <Loaded query={query} what="what was taken out" empty={(data) => data.leaks.length === 0 && <Nothing />}>
        {(data) => {
          const shown = service === undefined ? data.leaks : data.leaks.filter((leak) => leak.service === service);
          return (
            <>
              <p className="soft">
                {formatExact(data.total)} private values came to the server in this time range and were taken out before
                they were stored. Mend their senders: name the field in the plan, or leave it out.
              </p>
              <div className="row">
                {service === undefined ? (
                  leakingServices(data.leaks)
                    .slice(0, 8)
                    .map((one) => (
                      <Button
                        key={one.service}
                        size="compact-xs"
                        variant="default"
                        onClick={() => change({ service: one.service })}
                      >
                        {one.service}&ensp;<span className="soft num">{formatExact(one.count)}</span>
                      </Button>
                    ))
                ) : (
                  <Pill
                    withRemoveButton
                    onRemove={() => change({ service: undefined })}
                    removeButtonProps={{ "aria-label": "Show all services", "aria-hidden": false, tabIndex: 0 }}
                  >
                    Service {service}
                  </Pill>
                )}
              </div>
              {data.truncated && (
                <Cut shown={data.leaks.length} total={data.leaks.length + 1} what="places" which="most frequent">
                  choose a shorter time range.
                </Cut>
              )}
              <LongTable
                label="Leaks"
                what={["place", "places"]}
                items={shown}
                columns={COLUMNS}
                text={(leak) => `${leakName(leak.found)} ${leak.service} ${leakPlace(leak)} ${leak.signal}`}
                row={(leak, at) => (
                  <tr key={at}>
                    <td>{leakName(leak.found)}</td>
                    <td>{leak.service}</td>
                    <td className="mono">{leakPlace(leak)}</td>
                    <td className="wide-only">{leak.signal}</td>
                    <td className="num">{formatExact(leak.count)}</td>
                    <td>
                      <RelativeTime time={leak.last_seen} />
                    </td>
                  </tr>
                )}
              />
            </>
          );
        }}
      </Loaded>
    </PageFrame>
  );
}

function Nothing() {
  return (
    <Empty title="Nothing private came" action={<LookFurther />}>
      What senders told in this time range held nothing that looks private or stands under a private key.
    </Empty>
  );
}
