import { Button, SegmentedControl } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useSearch } from "@tanstack/react-router";
import { useState } from "react";
import type { EventFacts } from "@/api/types";
import { CodeBlock } from "@/components/CopyId";
import type { Thread, Thrown } from "@/model/errors/event";
import { piecesOf, stackText } from "@/model/errors/stack";
import { useSearchChange } from "@/state/useOpened";
import { Frames } from "./Frames";
import classes from "./Issue.module.css";
import type { IssueSearch } from "./url";

/** What was raised on top, what caused it below; each with its calls, the innermost first. */
export function Stack(props: {
  thrown: readonly Thrown[];
  threads: readonly Thread[];
  facts: EventFacts;
  /** A stack that is of no language that is known. */
  unread: string;
}) {
  const { thrown, threads, unread } = props;
  const search = useSearch({ strict: false }) as IssueSearch;
  const change = useSearchChange<IssueSearch>();
  const [whole, setWhole] = useState(false);
  const raw = search.raw !== undefined;
  const resolved = thrown.some((one) => one.rawFrames !== null);
  const folded = [...thrown, ...threads].some((one) =>
    piecesOf(one.frames, false).some((piece) => piece.kind === "fold"),
  );
  if (thrown.length === 0 && threads.length === 0 && !unread) return null;
  return (
    <section aria-label="Stack trace">
      <div className="spread">
        <h3>Stack trace</h3>
        <span className="row">
          {resolved && (
            <SegmentedControl
              aria-label="Which code"
              value={raw ? "raw" : "sources"}
              onChange={(value) => change({ raw: value === "raw" ? "1" : undefined }, true)}
              data={[
                { value: "sources", label: "Sources" },
                { value: "raw", label: "Minified" },
              ]}
            />
          )}
          {folded && (
            <Button variant="default" size="compact-xs" aria-pressed={whole} onClick={() => setWhole(!whole)}>
              {whole ? "Fold library frames" : "Show all frames"}
            </Button>
          )}
          {thrown.length > 0 && <CopyText text={stackText(thrown, raw)} />}
        </span>
      </div>
      {thrown.map((one, at) => (
        <section key={at} aria-label={`${at === 0 ? "Raised" : "Caused by"} ${one.type}`} className={classes.thrown}>
          {at > 0 && <p className="small soft">caused by</p>}
          <h4>
            <span className="bad" title={[one.module, one.type].filter(Boolean).join(".")}>
              {one.type || "Error"}
            </span>
            <span className="small soft">{caughtBy(one)}</span>
          </h4>
          {one.value && <p className={classes.value}>{one.value}</p>}
          {one.frames.length > 0 ? (
            <Frames frames={(raw && one.rawFrames) || one.frames} whole={whole} open={at === 0} />
          ) : (
            !unread && <p className="small soft">It came without a stack.</p>
          )}
        </section>
      ))}
      {unread && <CodeBlock code={unread} label="stack trace" />}
      {threads.map((one, at) => (
        <section key={at} aria-label={`Thread ${one.name}`} className={classes.thrown}>
          <h4>
            {one.name || "Thread"} {one.crashed && <span className="bad small">crashed</span>}
          </h4>
          <Frames frames={one.frames} whole={whole} open={thrown.length === 0 && at === 0} />
        </section>
      ))}
    </section>
  );
}

/** How it was caught, where that says anything. */
function caughtBy({ mechanism, handled }: Thrown): string {
  const said = ["generic", "chained"].includes(mechanism) ? "" : mechanism;
  return [said, handled === false && "unhandled"].filter(Boolean).join(", ");
}

function CopyText({ text }: { text: string }) {
  const clipboard = useClipboard({ timeout: 1500 });
  return (
    <Button
      variant="default"
      size="compact-xs"
      leftSection={clipboard.copied ? <IconCheck size={12} aria-hidden /> : <IconCopy size={12} aria-hidden />}
      onClick={() => clipboard.copy(text)}
    >
      {clipboard.copied ? "Copied" : "Copy as text"}
    </Button>
  );
}
