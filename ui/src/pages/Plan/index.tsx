import { Button, SegmentedControl } from "@mantine/core";
import { useSearch } from "@tanstack/react-router";
import { useCallback, useEffect, useState } from "react";
import { request } from "@/api/client";
import { useApi } from "@/api/queries";
import type { VerifyReport } from "@/api/types";
import { AreaViews } from "@/components/AreaViews";
import { Go } from "@/components/Go";
import { PageFrame } from "@/components/PageFrame";
import { Loaded, Notice } from "@/components/State";
import { RelativeTime } from "@/components/Time";
import { progress, SINCE, type Since } from "@/model/verify";
import { useScope } from "@/state/scope";
import { useSearchChange } from "@/state/useOpened";
import { Contract } from "./Contract";
import { Findings } from "./Findings";
import classes from "./Plan.module.css";
import { LABELS, PARTS, type PlanSearch } from "./url";
import { PLAN_VIEWS } from "./views";

const RUNNING_MS = 1000;
const DEFAULT_SINCE: Since = "24h";
const WORDS: Record<Since, string> = { "1h": "1 hour", "24h": "24 hours", "7d": "7 days" };

/** What arrives, held against what the plan declares. */
export function Plan() {
  const { part = "findings", since = DEFAULT_SINCE } = useSearch({ strict: false }) as PlanSearch;
  const { env } = useScope();
  const change = useSearchChange<PlanSearch>();
  const [running, setRunning] = useState(false);
  const [again, setAgain] = useState(false);
  const query = useApi<VerifyReport>(
    "verify",
    { env, since, wait: 1 },
    { ...(running ? { everyMs: RUNNING_MS } : {}), staleMs: 30_000 },
  );
  useEffect(() => setRunning(query.data?.state === "running"), [query.data]);
  const runAgain = useCallback(() => {
    setAgain(true);
    void request("verify", { params: { env, since, wait: 0, fresh: true } })
      .catch(() => undefined)
      .then(() => query.refetch())
      .finally(() => setAgain(false));
  }, [env, since, query]);
  return (
    <PageFrame
      title="Plan"
      actions={
        <>
          <SegmentedControl
            aria-label="How far back"
            value={since}
            onChange={(value) => change({ since: SINCE.find((one) => one === value && one !== DEFAULT_SINCE) })}
            data={SINCE.map((one) => ({ value: one, label: WORDS[one] }))}
          />
          <Button variant="default" loading={again} disabled={running} onClick={runAgain}>
            Verify again
          </Button>
        </>
      }
    >
      <AreaViews label="Plan" views={PLAN_VIEWS} />
      <SegmentedControl
        aria-label="Part"
        className={classes.parts ?? ""}
        value={part}
        onChange={(value) => change({ part: PARTS.find((one) => one === value && one !== "findings") })}
        data={PARTS.map((one) => ({ value: one, label: LABELS[one] }))}
      />
      <Loaded query={query} what="the verification">
        {(report) => (
          <>
            <Told report={report} words={WORDS[since]} />
            {part === "findings" ? <Findings report={report} /> : <Contract report={report} />}
          </>
        )}
      </Loaded>
    </PageFrame>
  );
}

function Told({ report, words }: { report: VerifyReport; words: string }) {
  const { done, all, next } = progress(report);
  if (report.state === "running")
    return (
      <Notice>
        {done} of {all} checks are done; now: {next.toLowerCase()}. What is known so far is shown.
      </Notice>
    );
  return (
    <p className={`soft small ${classes.told}`}>
      {report.environment || "All environments together"}, the last {words}, looked at{" "}
      <RelativeTime time={report.end} />.{" "}
      <Go to="/settings" search={{ tab: "plan" }} className="among">
        The plan in force
      </Go>
      . The same by <code>midwatch verify{report.environment && ` --env ${report.environment}`}</code>
    </p>
  );
}
