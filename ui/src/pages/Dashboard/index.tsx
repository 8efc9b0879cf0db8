import { Button, Menu, Modal } from "@mantine/core";
import { IconChevronDown, IconChevronRight, IconDots, IconPlus } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useState } from "react";
import { useApi } from "@/api/queries";
import type { BoardPanel, DashboardAnswer } from "@/api/types";
import type { ScopeSearch } from "@/app/search";
import { PageFrame } from "@/components/PageFrame";
import { Empty, Loaded, Notice, SkeletonRows } from "@/components/State";
import { useNow } from "@/components/Time";
import { plural } from "@/lib/format";
import { panelOf, panelsOf, withoutPanel, withPanel } from "@/model/board/editing";
import { interpolate, type Variables } from "@/model/board/interpolation";
import { durationMs } from "@/model/board/intervals";
import { layout, type PlacedRow } from "@/model/board/layout";
import { resolveRange, resolveTime } from "@/model/range";
import { useLive } from "@/state/live";
import { useScope } from "@/state/scope";
import classes from "./Dashboard.module.css";
import { PanelEditor } from "./edit";
import { Leaving } from "./edit/Leaving";
import { Save } from "./edit/Save";
import { useEdits } from "./edit/useEdits";
import { PanelBox } from "./PanelBox";
import type { PanelActions } from "./PanelMenu";
import type { By } from "./Placing";
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

type Placed = { onMove: (by: By) => void; onDone: () => void };

function Board({ answer: { dashboard: saved, report, summary } }: { answer: DashboardAnswer }) {
  const search = useSearch({ strict: false }) as DashboardSearch & ScopeSearch;
  const navigate = useNavigate();
  const client = useQueryClient();
  const { range } = useScope();
  const { live } = useLive();
  const edits = useEdits(saved, summary.version);
  const dashboard = edits.draft ?? saved;
  const [dialog, setDialog] = useState<"save" | BoardPanel | null>(null);
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
  const { start, end } = saved.time ?? {};
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
  const actions: PanelActions = {
    onEdit: (edit) => change({ edit }),
    onPlace: edits.place,
    onCopy: edits.copy,
    onRemove: setDialog,
  };
  const edited = search.edit === undefined ? undefined : panelOf(dashboard, search.edit);
  const guard = (
    <Leaving
      what={`What you changed of "${dashboard.title}" and have not saved`}
      unsaved={edits.unsaved}
      leaves={(from, to) => from.pathname !== to.pathname}
    />
  );
  if (edited)
    return (
      <>
        {guard}
        <Loaded query={choices} what="the variables" skeleton={<SkeletonRows rows={4} />}>
          {({ variables, filters }) => (
            <PanelEditor
              key={edited.id}
              {...{ dashboard, panel: edited, variables, filters, startMs, endMs }}
              onApply={(panel) => {
                edits.put(withPanel(dashboard, panel));
                change({ edit: undefined });
              }}
              onClose={() => change({ edit: undefined })}
            />
          )}
        </Loaded>
      </>
    );
  const add = () => change({ edit: edits.add() });
  const board = (
    <>
      {search.edit !== undefined && <Notice tone="warning">This board has no panel {search.edit}.</Notice>}
      {report.refused.length > 0 && (
        <Notice tone="warning">
          {plural(report.refused.length, "panel")} of {report.panels} cannot be drawn; each says why in its place.
        </Notice>
      )}
      <Loaded query={choices} what="the variables" skeleton={<SkeletonRows rows={4} />}>
        {({ choices: found, variables, filters }) => (
          <>
            <VariableBar choices={found} onChoose={(name, values) => change(asking(name, values))} />
            {layout(dashboard.rows ?? [], variables).map((row) => (
              <Row
                key={row.key}
                placed={row}
                {...{ variables, filters, startMs, endMs }}
                actions={kiosk ? undefined : actions}
                placingOf={edits.placingOf}
              />
            ))}
          </>
        )}
      </Loaded>
      {panelsOf(dashboard).length === 0 && (
        <Empty title="No panels yet" action={kiosk ? undefined : <Button onClick={add}>Add panel</Button>}>
          A panel draws what a query answers: PromQL, a search of logs or traces, or SQL.
        </Empty>
      )}
    </>
  );
  if (kiosk)
    return (
      <section ref={inertAround} className={classes.kiosk} aria-label={dashboard.title}>
        <h1>{dashboard.title}</h1>
        {board}
      </section>
    );
  return (
    <PageFrame
      title={dashboard.title}
      actions={
        <>
          {edits.draft && (
            <>
              <span className={classes.unsaved}>Not saved yet</span>
              <Button size="xs" variant="default" onClick={edits.discard}>
                Discard changes
              </Button>
              <Button size="xs" onClick={() => setDialog("save")}>
                Save
              </Button>
            </>
          )}
          <Button size="xs" variant="default" leftSection={<IconPlus size={14} />} onClick={add}>
            Add panel
          </Button>
          <BoardMenu uid={dashboard.uid} onKiosk={() => change({ kiosk: "1" })} />
        </>
      }
    >
      {guard}
      {dialog === "save" && (
        <Save
          draft={dashboard}
          summary={{ ...summary, version: edits.version ?? summary.version }}
          onSaved={() => {
            edits.discard();
            setDialog(null);
          }}
          onTheirs={() => {
            edits.discard();
            setDialog(null);
            void client.invalidateQueries({ queryKey: [`dashboards/${saved.uid}`] });
          }}
          onClose={() => setDialog(null)}
        />
      )}
      {dialog !== null && dialog !== "save" && (
        <Removal
          panel={dialog}
          onRemove={() => {
            edits.put(withoutPanel(dashboard, dialog.id));
            setDialog(null);
          }}
          onClose={() => setDialog(null)}
        />
      )}
      {dashboard.description && <p className="soft">{dashboard.description}</p>}
      {board}
    </PageFrame>
  );
}

/** On a wall nothing but the panels is reached by Tab. */
function inertAround(wall: HTMLElement | null): (() => void) | undefined {
  const hidden: Element[] = [];
  for (let one: Element | null = wall; one && one !== document.body; one = one.parentElement)
    for (const beside of one.parentElement?.children ?? [])
      if (
        beside !== one &&
        beside instanceof HTMLElement &&
        !beside.inert &&
        !beside.matches("script, style, [data-portal]")
      ) {
        beside.inert = true;
        hidden.push(beside);
      }
  return () => hidden.forEach((one) => ((one as HTMLElement).inert = false));
}

function BoardMenu({ uid, onKiosk }: { uid: string; onKiosk: () => void }) {
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button size="xs" variant="default" leftSection={<IconDots size={14} />}>
          More
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={onKiosk}>Kiosk view (Esc leaves it)</Menu.Item>
        <Menu.Item onClick={() => void navigator.clipboard.writeText(window.location.href)}>Copy link</Menu.Item>
        <Menu.Item component="a" href={`/api/v1/dashboards/${uid}/export`}>
          Export as Grafana JSON
        </Menu.Item>
        <Menu.Item component="a" href={`/api/v1/dashboards/${uid}/export?format=midwatch`}>
          Export as YAML
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function Removal({ panel, onRemove, onClose }: { panel: BoardPanel; onRemove: () => void; onClose: () => void }) {
  return (
    <Modal opened onClose={onClose} title={`Remove "${panel.title || "the panel"}" from the board?`} size="sm">
      <p style={{ marginTop: 0 }}>Once the board is saved without it, its history still has it.</p>
      <div className="row">
        <Button color="red" data-autofocus onClick={onRemove}>
          Remove panel
        </Button>
        <Button variant="default" onClick={onClose}>
          Keep it
        </Button>
      </div>
    </Modal>
  );
}

interface Drawn {
  variables: Variables;
  filters: string;
  startMs: number;
  endMs: number;
  actions?: PanelActions | undefined;
}

function Row(props: Drawn & { placed: PlacedRow; placingOf: (id: number) => Placed | undefined }) {
  const { placed, placingOf, ...rest } = props;
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
            <PanelBox key={key} placed={{ key, ...panel }} placing={placingOf(panel.panel.id)} {...rest} />
          ))}
        </div>
      )}
    </>
  );
}
