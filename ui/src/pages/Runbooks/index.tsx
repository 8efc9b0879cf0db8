import { useParams } from "@tanstack/react-router";
import { useApi } from "@/api/queries";
import type { RunbookList } from "@/api/types";
import { Go } from "@/components/Go";
import { PageFrame } from "@/components/PageFrame";
import { Empty, InForce, Loaded } from "@/components/State";
import { plural } from "@/lib/format";
import { AlertsViews } from "@/pages/Alerts/AlertsViews";
import { Runbook } from "./Runbook";
import classes from "./Runbooks.module.css";

/** What to do about alerts: the runbooks of the plan, or the one that the address names. */
export function Runbooks() {
  const { _splat: name = "" } = useParams({ strict: false });
  return name === "" ? <All /> : <Runbook name={name} />;
}

function All() {
  const query = useApi<RunbookList>("runbooks");
  return (
    <PageFrame title="Runbooks" heading="Alerts">
      <AlertsViews />
      <Loaded query={query} what="the runbooks">
        {({ runbooks }) =>
          runbooks.length === 0 ? (
            <Empty title="No runbooks yet">
              Put Markdown into <code>runbooks/</code> of the plan, and name it in a rule by the annotation{" "}
              <code>runbook</code>. Fences of <code>promql</code>, <code>logs</code>, <code>traces</code> and{" "}
              <code>sql</code> are filled in by the alert. <InForce />
            </Empty>
          ) : (
            <ul className={classes.list}>
              {runbooks.map((one) => (
                <li key={one.name}>
                  <Go to="/alerts/runbooks/$" params={{ _splat: one.name }}>
                    {one.title}
                  </Go>
                  <span className={classes.aside}>
                    {plural(one.steps, "step")}, {plural(one.live_blocks, "live block")}, {one.file}
                  </span>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </PageFrame>
  );
}
