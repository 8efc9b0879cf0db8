import { Button } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { IconArrowBackUp, IconLayoutGrid, IconPlus } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useApi } from "@/api/queries";
import type { BoardPanel, DashboardAnswer } from "@/api/types";
import type { ScopeSearch } from "@/app/search";
import { PageFrame, Title } from "@/components/PageFrame";
import { Empty, Loaded, Notice, SkeletonRows } from "@/components/State";
import { useNow } from "@/components/Time";
import { plural } from "@/lib/format";
import { panelOf, panelsOf, withoutPanel, withPanel } from "@/model/board/editing";
import { durationMs } from "@/model/board/intervals";
import { layout } from "@/model/board/layout";
import { withNewRow } from "@/model/board/rows";
import { resolveRange, resolveTime } from "@/model/range";
import { useLive } from "@/state/live";
import { useScope } from "@/state/scope";
import { BoardMenu } from "./BoardMenu";
import classes from "./Dashboard.module.css";
import { PanelEditor } from "./edit";
import { Asking } from "./edit/Asking";
import { Leaving } from "./edit/Leaving";
import { Save } from "./edit/Save";
import { useDragging } from "./edit/useDragging";
import { useEdits } from "./edit/useEdits";
import { VariablesEditor } from "./edit/VariablesEditor";
import type { PanelActions } from "./PanelMenu";
import { Placing } from "./Placing";
import { Row } from "./Row";
import { asking, type DashboardSearch } from "./url";
import { useVariables } from "./useVariables";
import { VariableBar } from "./VariableBar";
import { inertAround } from "./wall";

const LIVE_MS = 10_000;

/** One dashboard. */
export function Dashboard() {
  const { uid } = useParams({ strict: false }) as { uid: string };
  const answer = useApi<DashboardAnswer>(`dashboards/${uid}`);
  return (
    <>
      {answer.data === undefined && <Title title="Dashboard" />}
      <Loaded query={answer} what="the dashboard" skeleton={<SkeletonRows rows={12} height={40} />}>
        {(found) => <Board key={found.dashboard.uid} answer={found} />}
      </Loaded>
    </>
  );
}

function Board({ answer: { dashboard: saved, report, summary } }: { answer: DashboardAnswer }) {
  const search = useSearch({ strict: false }) as DashboardSearch & ScopeSearch;
  const navigate = useNavigate();
  const client = useQueryClient();
  const { range } = useScope();
  const { live } = useLive();
  const edits = useEdits(saved, summary.version);
  const { held, grab, shadow } = useDragging(edits);
  // What a reader folded or unfolded, beside what the board has.
  const [folds, setFolds] = useState<Readonly<Record<string, boolean>>>({});
  const dashboard = edits.draft ?? saved;
  const [dialog, setDialog] = useState<"save" | BoardPanel | null>(null);
  const kiosk = search.kiosk === "1";
  const laid = search.layout === "1" && !kiosk;
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
    onPlace: (id) => {
      edits.place(id);
      if (!laid) change({ layout: "1" });
    },
    onCopy: edits.copy,
    onRemove: setDialog,
  };
  // Panels keep the very same acts, so that one that has not changed is not drawn again.
  const latest = useRef(actions);
  latest.current = actions;
  const acts = useMemo<PanelActions>(
    () => ({
      onEdit: (id) => latest.current.onEdit(id),
      onPlace: (id) => latest.current.onPlace(id),
      onCopy: (id) => latest.current.onCopy(id),
      onRemove: (panel) => latest.current.onRemove(panel),
    }),
    [],
  );
  const edited = typeof search.edit === "number" ? panelOf(dashboard, search.edit) : undefined;
  useHotkeys([["mod+Z", () => search.edit === undefined && edits.undo?.()]]);
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
  if (search.edit === "variables")
    return (
      <>
        {guard}
        <VariablesEditor
          {...{ dashboard, search, startMs, endMs }}
          onApply={(board) => {
            edits.put(board);
            change({ edit: undefined });
          }}
          onClose={() => change({ edit: undefined })}
        />
      </>
    );
  const leaveLayout = () => {
    edits.placed();
    change({ layout: undefined });
  };
  const add = (row?: number) => change({ edit: edits.add(row) });
  const arranging = laid ? { board: dashboard, onChange: edits.put, onAdd: add, grab } : undefined;
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
                open={
                  (folds[row.key] ?? !row.row.collapsed) ||
                  row.panels.some(({ panel: { id } }) => id === edits.placing || id === held?.id)
                }
                onOpen={(open) => setFolds((all) => ({ ...all, [row.key]: open }))}
                {...{ variables, filters, startMs, endMs, arranging }}
                actions={kiosk ? undefined : acts}
                placing={edits.placing ?? held?.id}
              />
            ))}
          </>
        )}
      </Loaded>
      {panelsOf(dashboard).length === 0 && (
        <Empty title="No panels yet" action={kiosk ? undefined : <Button onClick={() => add()}>Add panel</Button>}>
          A panel draws what a query answers: PromQL, a search of logs or traces, or SQL.
        </Empty>
      )}
    </>
  );
  if (kiosk)
    return (
      <section ref={inertAround} className={classes.kiosk} aria-label={dashboard.title}>
        <Title title={dashboard.title} />
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
              <Button variant="default" onClick={edits.discard}>
                Discard changes
              </Button>
              <Button onClick={() => setDialog("save")}>Save</Button>
            </>
          )}
          {laid && (
            <Button
              variant="default"
              leftSection={<IconArrowBackUp size={14} />}
              disabled={!edits.undo}
              title="Ctrl-Z"
              onClick={edits.undo}
            >
              Undo
            </Button>
          )}
          <Button variant="default" leftSection={<IconPlus size={14} />} onClick={() => add()}>
            Add panel
          </Button>
          {laid ? (
            <>
              <Button
                variant="default"
                leftSection={<IconPlus size={14} />}
                onClick={() => edits.put(withNewRow(dashboard))}
              >
                Add row
              </Button>
              <Button variant="default" onClick={() => change({ edit: "variables" })}>
                Variables
              </Button>
              <Button variant="default" onClick={leaveLayout}>
                Done
              </Button>
            </>
          ) : (
            <>
              <Button
                variant="default"
                leftSection={<IconLayoutGrid size={14} />}
                onClick={() => change({ layout: "1" })}
              >
                Edit layout
              </Button>
              <BoardMenu
                uid={dashboard.uid}
                onKiosk={() => change({ kiosk: "1" })}
                onVariables={() => change({ edit: "variables" })}
              />
            </>
          )}
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
        <Asking
          title={`Remove "${dialog.title || "the panel"}" from the board?`}
          acts={[
            [
              "Remove panel",
              () => {
                edits.put(withoutPanel(dashboard, dialog.id));
                setDialog(null);
              },
            ],
          ]}
          onClose={() => setDialog(null)}
        >
          Once the board is saved without it, its history still has it.
        </Asking>
      )}
      {dashboard.description && <p className="soft">{dashboard.description}</p>}
      <div data-held={held !== null}>{board}</div>
      {held?.pull === "move" && (
        <div
          ref={shadow}
          className={classes.shadow}
          style={{ left: held.box.left, top: held.box.top, width: held.box.width, height: held.box.height }}
          aria-hidden
        >
          {panelOf(dashboard, held.id)?.title}
        </div>
      )}
      {laid && edits.placing !== undefined && (
        <Placing
          board={dashboard}
          id={edits.placing}
          onChange={edits.put}
          onDone={edits.placed}
          onCancel={edits.putBack}
        />
      )}
    </PageFrame>
  );
}
