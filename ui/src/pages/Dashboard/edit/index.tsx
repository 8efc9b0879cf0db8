import { Button } from "@mantine/core";
import { useDebouncedValue, useHotkeys } from "@mantine/hooks";
import { useRef, useState } from "react";
import type { BoardPanel, Dashboard } from "@/api/types";
import { PageFrame } from "@/components/PageFrame";
import type { Variables } from "@/model/board/interpolation";
import { layout } from "@/model/board/layout";
import board from "../Dashboard.module.css";
import { PanelBox } from "../PanelBox";
import classes from "./Edit.module.css";
import { Leaving } from "./Leaving";
import { Queries } from "./Queries";
import { Settings } from "./Settings";

/** So long after the last keystroke a preview asks. */
const PAUSE_MS = 400;
const LINES = 9;

/** One panel of a board, drawn as it is being changed. Nothing reaches the board until it is applied. */
export function PanelEditor({
  dashboard,
  panel: before,
  variables,
  filters,
  startMs,
  endMs,
  onApply,
  onClose,
}: {
  dashboard: Dashboard;
  panel: BoardPanel;
  variables: Variables;
  filters: string;
  startMs: number;
  endMs: number;
  onApply: (panel: BoardPanel) => void;
  onClose: () => void;
}) {
  const [panel, setPanel] = useState(before);
  const [errors, setErrors] = useState<Readonly<Record<string, string>>>({});
  const [waiting] = useDebouncedValue(panel, PAUSE_MS);
  const [asked, setAsked] = useState<BoardPanel | null>(null);
  // Enter in a query does not wait.
  const shown = asked === panel ? panel : waiting;
  const dirty = panel !== before;
  const decided = useRef(false);
  const placed = layout(dashboard.rows ?? [], variables)
    .flatMap((row) => row.panels)
    .find((one) => one.panel.id === before.id);
  const leave = (act: () => void) => {
    decided.current = true;
    act();
  };
  const apply = () => leave(() => (dirty ? onApply(panel) : onClose()));
  useHotkeys([["mod+S", apply]], []);
  return (
    <PageFrame
      title={`Edit panel: ${before.title || "no title"}`}
      actions={
        <>
          <Button variant="default" onClick={() => leave(onClose)}>
            Discard
          </Button>
          <Button onClick={apply} title="Ctrl-S">
            Apply
          </Button>
        </>
      }
    >
      <Leaving
        what="What you changed of this panel"
        unsaved={() => dirty && !decided.current}
        leaves={(from, to) => from.pathname !== to.pathname || editOf(from.search) !== editOf(to.search)}
      />
      <div className={classes.columns}>
        <div className={classes.left}>
          <div className={board.grid} role="region" aria-label="Preview">
            <PanelBox
              placed={{
                key: "preview",
                panel: shown,
                scope: placed?.scope ?? {},
                first: true,
                x: 0,
                y: 0,
                w: 24,
                h: LINES,
              }}
              variables={variables}
              filters={filters}
              startMs={startMs}
              endMs={endMs}
              onErrors={setErrors}
            />
          </div>
          {panel.options.kind !== "text" && (
            <Queries panel={panel} errors={errors} onChange={setPanel} onRun={() => setAsked(panel)} />
          )}
        </div>
        <Settings panel={panel} variables={dashboard.variables ?? []} onChange={setPanel} />
      </div>
    </PageFrame>
  );
}

function editOf(search: unknown): unknown {
  return (search as { edit?: unknown }).edit;
}
