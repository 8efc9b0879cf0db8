import { useApi } from "@/api/queries";
import type { RunbookAnswer } from "@/api/types";
import { Go } from "@/components/Go";
import { RunbookText, runbookPath } from "@/components/Runbook";
import { Loaded } from "@/components/State";
import classes from "./Alerts.module.css";

/** What to do about the alert, beside it. */
export function RunbookBeside({ name, fingerprint }: { name: string; fingerprint: string }) {
  const query = useApi<RunbookAnswer>(runbookPath(name), { fingerprint });
  return (
    <section aria-label="Runbook" className={classes.runbook}>
      <Loaded query={query} what="the runbook">
        {(book) => (
          <>
            <p className="small soft">
              Runbook{" "}
              <Go to="/alerts/runbooks/$" params={{ _splat: name }} search={{ alert: fingerprint }} className="among">
                {name}
              </Go>
            </p>
            <RunbookText book={book} alert={fingerprint} />
          </>
        )}
      </Loaded>
    </section>
  );
}
