import { useSearch } from "@tanstack/react-router";
import { useApi } from "@/api/queries";
import type { RunbookAnswer } from "@/api/types";
import { Go } from "@/components/Go";
import { HealthMark } from "@/components/HealthMark";
import { PageFrame } from "@/components/PageFrame";
import { RunbookText, runbookPath } from "@/components/Runbook";
import { Loaded } from "@/components/State";
import { RelativeTime } from "@/components/Time";
import { useSearchChange } from "@/state/useOpened";
import { AlertsViews } from "@/pages/Alerts/AlertsViews";
import classes from "./Runbooks.module.css";
import type { RunbookSearch } from "./url";

const NO_LABELS: readonly string[] = [];

/** One runbook, filled in by the alert that one came from. */
export function Runbook({ name }: { name: string }) {
  const { alert, label = NO_LABELS } = useSearch({ strict: false }) as RunbookSearch;
  const change = useSearchChange<RunbookSearch>();
  const query = useApi<RunbookAnswer>(runbookPath(name), { fingerprint: alert, label });
  function give(labels: Record<string, string>) {
    change({ label: [...label, ...Object.entries(labels).map(([key, value]) => `${key}=${value}`)] });
  }
  return (
    <PageFrame title={query.data?.title ?? name} heading="Alerts">
      <AlertsViews />
      <Loaded query={query} what="the runbook">
        {(book) => (
          <>
            {book.alert && (
              <p className={classes.of}>
                <HealthMark
                  health={book.alert.status === "firing" ? "bad" : "good"}
                  word={book.alert.status === "firing" ? "Fires" : "Resolved"}
                />
                <Go to="/alerts" search={{ open: book.alert.fingerprint }}>
                  {book.alert.name}
                </Go>
                <span>
                  since <RelativeTime time={book.alert.starts_at} />
                </span>
              </p>
            )}
            <RunbookText book={book} alert={alert} onGive={give} />
          </>
        )}
      </Loaded>
    </PageFrame>
  );
}
