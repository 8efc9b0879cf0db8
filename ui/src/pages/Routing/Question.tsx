import { Button, TextInput } from "@mantine/core";
import { useEffect, useState } from "react";
import { instantOf, localOf } from "@/lib/localTime";
import { parseLabels } from "@/model/routing";
import classes from "./Routing.module.css";

/** Labels of an alert that there may be, and a time that may come. */
export function Question({
  labels,
  at,
  busy,
  onAsk,
}: {
  labels: string | undefined;
  at: string | undefined;
  busy: boolean;
  onAsk: (labels: string | undefined, at: string | undefined) => void;
}) {
  const [text, setText] = useState(labels ?? "");
  const [time, setTime] = useState(at === undefined ? "" : localOf(Date.parse(at)));
  useEffect(() => setText(labels ?? ""), [labels]);
  useEffect(() => setTime(at === undefined ? "" : localOf(Date.parse(at))), [at]);
  const parsed = parseLabels(labels ?? "");
  return (
    <form
      className={classes.question}
      aria-label="Where would this go?"
      onSubmit={(event) => {
        event.preventDefault();
        onAsk(text.trim() || undefined, instantOf(time) ?? undefined);
      }}
    >
      <TextInput
        data-search
        className={classes.labels}
        classNames={{ input: "mono" }}
        label="Where would this go?"
        placeholder="severity=critical team=shop"
        spellCheck={false}
        autoComplete="off"
        value={text}
        error={"error" in parsed && parsed.error}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <TextInput
        type="datetime-local"
        label="At"
        title="As your browser's clock has it; empty: now"
        value={time}
        onChange={(event) => setTime(event.currentTarget.value)}
      />
      <span className={classes.asks}>
        <Button type="submit" loading={busy}>
          Ask
        </Button>
        {(labels !== undefined || at !== undefined) && (
          <Button
            variant="default"
            onClick={() => {
              setText("");
              setTime("");
              onAsk(undefined, undefined);
            }}
          >
            Clear
          </Button>
        )}
      </span>
    </form>
  );
}
