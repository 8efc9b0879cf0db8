import { Button } from "@mantine/core";
import { useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { useApi } from "@/api/queries";
import type { SloList, SloSummary } from "@/api/types";
import { HealthMark } from "@/components/HealthMark";
import { ListBar, WordFilter } from "@/components/ListBar";
import { LongTable } from "@/components/LongTable";
import { OpenedPage } from "@/components/Opened";
import { Empty, InForce, Loaded, NoneOfThese, Snippet } from "@/components/State";
import { formatSeconds } from "@/lib/format";
import { budgetHealth, budgetText, burnHealth, burnText, byBudget, targetText } from "@/model/slo";
import { hasWords } from "@/model/uptime";
import { AlertsViews } from "@/pages/Alerts/AlertsViews";
import { useOpened, useSearchChange } from "@/state/useOpened";
import { Compose } from "./Compose";
import { SloDetail } from "./SloDetail";
import classes from "./Slos.module.css";
import type { SlosSearch } from "./url";

const NONE: readonly SloSummary[] = [];
const EVERY_MS = 30_000;
const FILTER_FROM = 8;
const COLUMNS = [
  { label: "Objective" },
  { label: "Target", numeric: true },
  { label: "Over", wideOnly: true },
  { label: "Budget left" },
  { label: "Burns now", numeric: true, wideOnly: true },
  { label: "File", wideOnly: true },
];
const OPENSLO = `apiVersion: openslo/v1
kind: SLO
metadata: {name: orders}
spec: …`;

/** Objectives with what is left of their budgets, the least first. */
export function Slos() {
  const { filter = "", compose } = useSearch({ strict: false }) as SlosSearch;
  const change = useSearchChange<SlosSearch>();
  const query = useApi<SloList>("slos", {}, { everyMs: EVERY_MS });
  const all = query.data?.objectives ?? NONE;
  const rows = useMemo(
    () => byBudget(all).filter((one) => hasWords(filter, one.id, one.service, one.name, one.description, one.file)),
    [all, filter],
  );
  const opened = useOpened(useMemo(() => rows.map((one) => one.id), [rows]));
  if (compose) return <Compose onDone={() => change({ compose: undefined })} />;
  return (
    <OpenedPage
      opened={opened}
      title="SLOs"
      heading="Alerts"
      actions={
        all.length > 0 && (
          <Button variant="default" onClick={() => change({ compose: "1", open: undefined, full: undefined })}>
            Compose an SLO
          </Button>
        )
      }
      name={opened.id ?? ""}
      detail={opened.id !== undefined && <SloDetail key={opened.id} id={opened.id} />}
    >
      <AlertsViews />
      <Loaded
        query={query}
        what="the objectives"
        empty={(data) => data.objectives.length === 0 && <NoSlos onCompose={() => change({ compose: "1" })} />}
      >
        {() => (
          <>
            {all.length >= FILTER_FROM && (
              <ListBar>
                <WordFilter
                  what="objectives"
                  hint="Service, name or file"
                  value={filter}
                  onChange={(words) => change({ filter: words }, true)}
                />
              </ListBar>
            )}
            {rows.length === 0 ? (
              <NoneOfThese what="objectives" onAll={() => change({ filter: undefined })}>
                None has these words.
              </NoneOfThese>
            ) : (
              <LongTable
                label="Objectives"
                what={["objective", "objectives"]}
                items={rows}
                columns={COLUMNS}
                current={opened.at}
                row={(one) => (
                  <Row
                    key={one.id}
                    objective={one}
                    current={one.id === opened.current}
                    onOpen={() => opened.open(one.id)}
                  />
                )}
              />
            )}
          </>
        )}
      </Loaded>
    </OpenedPage>
  );
}

function Row({ objective, current, onOpen }: { objective: SloSummary; current: boolean; onOpen: () => void }) {
  const { service, name, description, target, budget_left: left, burn_rate: burn, file } = objective;
  return (
    <tr className={classes.row} data-current={current} onClick={onOpen}>
      <td className={classes.name}>
        <button type="button" className="row-open truncate" title={`${service} ${name}`}>
          <span className="soft">{service}</span> {name}
        </button>
        {description && (
          <p className="row-under truncate soft" title={description}>
            {description}
          </p>
        )}
      </td>
      <td className="num">{targetText(target)}</td>
      <td className="wide-only soft">{formatSeconds(objective.window_seconds)}</td>
      <td>
        <Budget left={left} />
      </td>
      <td className="num wide-only">
        <span className={burnHealth(burn) === "warning" ? "warning" : undefined}>{burnText(burn)}</span>
      </td>
      <td className="wide-only mono soft">{file}</td>
    </tr>
  );
}

/** A bar of what is left, in figures beside it. */
export function Budget({ left }: { left: number | null }) {
  const tone = budgetHealth(left);
  return (
    <span className={classes.budget} data-tone={tone}>
      <HealthMark health={tone} />
      <i aria-hidden>
        <b style={{ width: `${Math.max(0, Math.min(1, left ?? 0)) * 100}%` }} />
      </i>
      <span className="num" title={left === null ? "nothing was recorded yet" : undefined}>
        {budgetText(left)}
      </span>
    </span>
  );
}

function NoSlos({ onCompose }: { onCompose: () => void }) {
  return (
    <Empty title="No objectives yet" action={<Button onClick={onCompose}>Compose an SLO</Button>}>
      An objective says how many of its events must be good, and what is left of its budget decides who is woken.
      Compose one here and put its file into the plan; files of Sloth and of OpenSLO are read as they are:
      <Snippet code={OPENSLO} label="the beginning of such a file" />
      <InForce />
    </Empty>
  );
}
