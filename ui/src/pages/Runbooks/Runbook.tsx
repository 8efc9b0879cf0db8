import { Checkbox } from "@mantine/core";
import { useSearch } from "@tanstack/react-router";
import { useApi, useChange } from "@/api/queries";
import type { RunbookAnswer, RunbookStep, RunbookTick } from "@/api/types";
import { Go } from "@/components/Go";
import { HealthMark } from "@/components/HealthMark";
import { Markdown } from "@/components/Markdown";
import { PageFrame } from "@/components/PageFrame";
import { Loaded } from "@/components/State";
import { RelativeTime } from "@/components/Time";
import { piecesOf } from "@/model/runbook";
import { AlertsViews } from "@/pages/Alerts/AlertsViews";
import { LiveBlock } from "./LiveBlock";
import classes from "./Runbooks.module.css";
import type { RunbookSearch } from "./url";

/** One runbook, filled in by the alert that one came from. */
export function Runbook({ name }: { name: string }) {
  const { alert } = useSearch({ strict: false }) as RunbookSearch;
  const path = `runbooks/${encodeURI(name)}`;
  const query = useApi<RunbookAnswer>(path, alert ? { fingerprint: alert } : {});
  return (
    <PageFrame title={query.data?.title ?? name} heading="Alerts">
      <AlertsViews />
      <Loaded query={query} what="the runbook">
        {(book) => (
          <article className={classes.book}>
            {book.alert && (
              <p>
                <HealthMark
                  health={book.alert.status === "firing" ? "bad" : "good"}
                  word={book.alert.status === "firing" ? "Fires" : "Resolved"}
                />{" "}
                <Go to="/alerts" search={{ open: book.alert.fingerprint }}>
                  {book.alert.name}
                </Go>{" "}
                since <RelativeTime time={book.alert.starts_at} />
              </p>
            )}
            {book.blocks.map((block, at) =>
              block.kind === "markdown" ? (
                piecesOf(block).map((piece, number) =>
                  "steps" in piece ? (
                    <Steps key={`${at}.${number}`} steps={piece.steps} runbook={book.name} path={path} alert={alert} />
                  ) : (
                    <Markdown key={`${at}.${number}`} text={piece.markdown} className={classes.prose} />
                  ),
                )
              ) : (
                <LiveBlock key={at} block={block} />
              ),
            )}
          </article>
        )}
      </Loaded>
    </PageFrame>
  );
}

/** Ticked off for this one time that the alert fires; without an alert they are only read. */
function Steps(props: { steps: readonly RunbookStep[]; runbook: string; path: string; alert: string | undefined }) {
  const { steps, runbook, path, alert } = props;
  const tick = useChange<RunbookTick>((body) => ({ path: "runbook-ticks", method: "POST", body }), [path]);
  return (
    <>
      <ul className={classes.steps}>
        {steps.map((step) => (
          <li key={step.id}>
            <Checkbox
              label={step.text}
              checked={step.done_by !== null}
              disabled={alert === undefined || tick.isPending}
              description={step.done_by && step.done_at ? <Done by={step.done_by} at={step.done_at} /> : undefined}
              onChange={(event) =>
                tick.mutate({ runbook, fingerprint: alert ?? "", step: step.id, done: event.currentTarget.checked })
              }
            />
          </li>
        ))}
      </ul>
      {tick.error && <p className="bad">{tick.error.message}</p>}
    </>
  );
}

function Done({ by, at }: { by: string; at: string }) {
  return (
    <>
      {by}, <RelativeTime time={at} />
    </>
  );
}
