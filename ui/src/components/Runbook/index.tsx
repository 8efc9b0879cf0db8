import { Checkbox } from "@mantine/core";
import { useChange } from "@/api/queries";
import type { RunbookAnswer, RunbookStep, RunbookTick } from "@/api/types";
import { Refused } from "@/components/State";
import { piecesOf } from "@/model/runbook";
import { Markdown, MarkdownLine } from "../Markdown";
import { RelativeTime } from "../Time";
import { LiveBlock } from "./LiveBlock";
import type { Give } from "./Missing";
import classes from "./Runbook.module.css";

/** Where a runbook is asked for, which is what a ticked step touches. */
export function runbookPath(name: string): string {
  return `runbooks/${encodeURI(name)}`;
}

/** What a runbook says, its questions answered and its steps to tick off. */
export function RunbookText(props: { book: RunbookAnswer; alert: string | undefined; onGive?: Give }) {
  const { book, alert, onGive } = props;
  return (
    <article className={classes.book}>
      {book.blocks.map((block, at) =>
        block.kind === "markdown" ? (
          piecesOf(block).map((piece, number) =>
            "steps" in piece ? (
              <Steps key={`${at}.${number}`} steps={piece.steps} runbook={book.name} alert={alert} />
            ) : (
              <Markdown key={`${at}.${number}`} text={piece.markdown} className={classes.prose} />
            ),
          )
        ) : (
          <LiveBlock key={at} block={block} {...(onGive ? { onGive } : {})} />
        ),
      )}
    </article>
  );
}

/** Ticked off for this one time that the alert fires; without an alert they are only read. */
function Steps(props: { steps: readonly RunbookStep[]; runbook: string; alert: string | undefined }) {
  const { steps, runbook, alert } = props;
  const tick = useChange<RunbookTick>(
    (body) => ({ path: "runbook-ticks", method: "POST", body }),
    [runbookPath(runbook)],
  );
  return (
    <>
      <ul className={classes.steps}>
        {steps.map((step) => (
          <li key={step.id}>
            <Checkbox
              label={<MarkdownLine text={step.text} />}
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
      <Refused error={tick.error} />
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
