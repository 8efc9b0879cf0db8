import { Button, Menu } from "@mantine/core";
import { IconChevronDown, IconChevronRight, IconDots } from "@tabler/icons-react";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useState } from "react";
import { useApi } from "@/api/queries";
import type { DashboardAnswer } from "@/api/types";
import type { ScopeSearch } from "@/app/search";
import { PageFrame } from "@/components/PageFrame";
import { Loaded, Notice, SkeletonRows } from "@/components/State";
import { useNow } from "@/components/Time";
import { plural } from "@/lib/format";
import { interpolate, type Variables } from "@/model/board/interpolation";
import { durationMs } from "@/model/board/intervals";
import { layout, type PlacedRow } from "@/model/board/layout";
import { resolveRange, resolveTime } from "@/model/range";
import { useLive } from "@/state/live";
import { useScope } from "@/state/scope";
import classes from "./Dashboard.module.css";
import { PanelBox } from "./PanelBox";
import { asking, type DashboardSearch } from "./url";
import { useVariables } from "./useVariables";
import { VariableBar } from "./VariableBar";

const LIVE_MS = 10_000;

/** One dashboard. */
export function Dashboard() {
  const { uid } = useParams({ strict: false }) as { uid: string };
  const answer = useApi<DashboardAnswer>(`dashboards/${uid}`);
  return (
    <Loaded query={answer} what="the dashboard" skeleton={<SkeletonRows rows={12} height={40} />}>
      {(found) => <Board key={found.dashboard.uid} answer={found} />}
    </Loaded>
  );
}

function Board({ answer: { dashboard, report } }: { answer: DashboardAnswer }) {
  const search = useSearch({ strict: false }) as DashboardSearch & ScopeSearch;
  const navigate = useNavigate();
  const { range } = useScope();
  const { live } = useLive();
  const kiosk = search.kiosk === "1";
  const everyMs = live ? LIVE_MS : durationMs(dashboard.refresh ?? "") || false;
  const change = useCallback(
    (part: DashboardSearch & ScopeSearch, replace = false) =>
      void navigate({
        to: ".",
        resetScroll: false,
        replace,
        search: ((before: object) => ({ ...before, ...part })) as never,
      }),
    [navigate],
  );
  // A board opens over its own range, unless the address has one.
  const { start, end } = dashboard.time ?? {};
  const opens = search.start === undefined && start !== undefined && resolveTime(start, 0) !== null;
  useEffect(() => {
    if (opens) change({ start, end: end ?? "now" }, true);
  }, [opens, start, end, change]);
  useEffect(() => {
    if (!kiosk) return;
    const leave = (event: KeyboardEvent) => event.key === "Escape" && change({ kiosk: undefined });
    window.addEventListener("keydown", leave);
    return () => window.removeEventListener("keydown", leave);
  }, [kiosk, change]);

  // The window moves on, and with it what every panel asks.
  const now = useNow(everyMs);
  const { startMs, endMs } = useMemo(() => resolveRange(range, now), [range, now]);
  const choices = useVariables(dashboard.uid, dashboard.variables ?? [], search, startMs, endMs);
  const board = (
    <>
      {report.refused.length > 0 && (
        <Notice tone="warning">
          {plural(report.refused.length, "panel")} of {report.panels} cannot be drawn; each says why in its place.
        </Notice>
      )}
      <Loaded query={choices} what="the variables" skeleton={<SkeletonRows rows={4} />}>
        {({ choices: found, variables }) => (
          <>
            <VariableBar choices={found} onChoose={(name, values) => change(asking(name, values))} />
            {layout(dashboard.rows ?? [], variables).map((row) => (
              <Row key={row.key} placed={row} variables={variables} startMs={startMs} endMs={endMs} />
            ))}
          </>
        )}
      </Loaded>
    </>
  );
  if (kiosk)
    return (
      <section className={classes.kiosk} aria-label={dashboard.title}>
        <h1>{dashboard.title}</h1>
        {board}
      </section>
    );
  return (
    <PageFrame
      title={dashboard.title}
      actions={
        <Menu position="bottom-end">
          <Menu.Target>
            <Button size="xs" variant="default" leftSection={<IconDots size={14} />}>
              More
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={() => change({ kiosk: "1" })}>Kiosk view (Esc leaves it)</Menu.Item>
            <Menu.Item onClick={() => void navigator.clipboard.writeText(window.location.href)}>Copy link</Menu.Item>
            <Menu.Item component="a" href={`/api/v1/dashboards/${dashboard.uid}/export`}>
              Export as Grafana JSON
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      }
    >
      {dashboard.description && <p className="soft">{dashboard.description}</p>}
      {board}
    </PageFrame>
  );
}

function Row(props: { placed: PlacedRow; variables: Variables; startMs: number; endMs: number }) {
  const { placed, ...rest } = props;
  const [open, setOpen] = useState(!placed.row.collapsed);
  const title = interpolate(placed.row.title ?? "", { ...props.variables, ...placed.scope }, "text");
  const Icon = open ? IconChevronDown : IconChevronRight;
  return (
    <>
      {placed.row.title !== null && placed.row.title !== undefined && (
        <button type="button" className={classes.row} aria-expanded={open} onClick={() => setOpen(!open)}>
          <Icon size={16} aria-hidden />
          {title || "Row"}
          {!open && <span className="soft small">{plural(placed.panels.length, "panel")}</span>}
        </button>
      )}
      {open && (
        <div className={classes.grid}>
          {placed.panels.map(({ key, ...panel }) => (
            <PanelBox key={key} placed={{ key, ...panel }} {...rest} />
          ))}
        </div>
      )}
    </>
  );
}
