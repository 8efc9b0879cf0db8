import { Button, Pill } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconBellOff } from "@tabler/icons-react";
import { useSearch } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { LIVE_MS, useApi } from "@/api/queries";
import type { AlertGroupList } from "@/api/types";
import { ListBar, StateFilter, WordFilter } from "@/components/ListBar";
import { OpenedPage } from "@/components/Opened";
import { Cut, Loaded, NoneOfThese } from "@/components/State";
import { plural } from "@/lib/format";
import { type AlertRow, alertRows, STANDINGS } from "@/model/alerts";
import { useOpened, useSearchChange } from "@/state/useOpened";
import { AlertDetail } from "./AlertDetail";
import { AlertsViews } from "./AlertsViews";
import { AlertTable } from "./AlertTable";
import classes from "./Alerts.module.css";
import { Quiet } from "./Quiet";
import { SilenceForm } from "./SilenceForm";
import { STANDING_WORD } from "./Standing";
import type { AlertsSearch } from "./url";

/** As many groups as are listed at once. */
const GROUPS_MAX = 500;
/** As many alerts of each group are listed, and of one that is shown alone. */
const EACH = 50;
const ALONE_MAX = 1000;
const TYPING_MS = 250;
const NONE: AlertRow[] = [];

/** What fires, grouped as people are told of it; it asks again by itself, live or not. */
export function Alerts() {
  const search = useSearch({ strict: false }) as AlertsSearch;
  const change = useSearchChange<AlertsSearch>();
  const { standing, filter = "", group } = search;
  const [words] = useDebouncedValue(filter, TYPING_MS);
  const [silencing, setSilencing] = useState(false);
  const query = useApi<AlertGroupList>(
    "alert-groups",
    { standing, words, group_key: group, limit: GROUPS_MAX, per_group: group === undefined ? EACH : ALONE_MAX },
    { everyMs: LIVE_MS },
  );
  const rows = useMemo(() => (query.data ? alertRows(query.data.groups) : NONE), [query.data]);
  const ids = useMemo(() => [...new Set(rows.filter((row) => row.kind === "alert").map((row) => row.id))], [rows]);
  const opened = useOpened(ids);
  const known = query.data?.groups.flatMap((group) => group.alerts).find((alert) => alert.fingerprint === opened.id);

  return (
    <OpenedPage
      opened={opened}
      title="Alerts"
      name={known?.name ?? "Alert"}
      detail={opened.id && <AlertDetail key={opened.id} fingerprint={opened.id} />}
      actions={
        <Button
          variant="default"
          leftSection={<IconBellOff size={14} aria-hidden />}
          onClick={() => setSilencing(true)}
        >
          New silence
        </Button>
      }
    >
      <AlertsViews />
      {silencing && <SilenceForm matchers="" onClose={() => setSilencing(false)} />}
      <Loaded
        query={query}
        what="the alerts"
        empty={(data) => data.counts.all === 0 && group === undefined && <Quiet />}
      >
        {(data) => (
          <>
            <ListBar>
              <StateFilter
                label="How they stand"
                states={STANDINGS.filter((one) => data.counts[one] > 0 || one === "open" || one === standing)}
                words={STANDING_WORD}
                counts={data.counts}
                total={data.counts.all}
                value={standing}
                onChange={(next) => change({ standing: next })}
              />
              <WordFilter
                what="alerts"
                hint="Name, label or receiver"
                value={filter}
                onChange={(words) => change({ filter: words }, true)}
              />
            </ListBar>
            <div className={classes.shown}>
              <span role="status" className="small soft">
                {plural(data.alerts, "alert")} in {plural(data.total, "group")}
              </span>
              {group !== undefined && (
                <Pill withRemoveButton onRemove={() => change({ group: undefined })} removeButtonProps={REMOVE}>
                  One group
                </Pill>
              )}
            </div>
            <Cuts data={data} alone={group !== undefined} />
            {rows.length > 0 ? (
              <AlertTable
                rows={rows}
                current={opened.current}
                onOpen={opened.open}
                onGroup={group === undefined ? (key) => change({ group: key }) : undefined}
              />
            ) : (
              <NoneOfThese what="alerts" onAll={() => change(UNFILTERED)} />
            )}
          </>
        )}
      </Loaded>
    </OpenedPage>
  );
}

const UNFILTERED: AlertsSearch = { standing: undefined, filter: undefined, group: undefined };
const REMOVE = { "aria-label": "All groups", "aria-hidden": false, tabIndex: 0 };

/** That not everything is listed, and how to see the rest. */
function Cuts({ data, alone }: { data: AlertGroupList; alone: boolean }) {
  if (data.total > data.groups.length)
    return (
      <Cut shown={data.groups.length} total={data.total} what="groups" which="most urgent">
        filter for the others; acknowledge or silence what belongs together, or mend the rule that fires so often.
      </Cut>
    );
  const shown = data.groups.reduce((sum, group) => sum + group.alerts.length, 0);
  return (
    <Cut shown={shown} total={data.alerts} what="alerts" which="most urgent">
      filter for the others{!alone && ", or show a group alone"}.
    </Cut>
  );
}
