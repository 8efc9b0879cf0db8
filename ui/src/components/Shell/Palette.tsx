import { Modal, TextInput, useMantineColorScheme } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useMemo, useState } from "react";
import { useApi, useScopedApi } from "@/api/queries";
import type { DashboardList, Me, ServiceList } from "@/api/types";
import { matching, type Named } from "@/model/palette";
import { PRESETS } from "@/model/range";
import { isSeen } from "@/pages/Settings/url";
import { useLive } from "@/state/live";
import { useScope } from "@/state/scope";
import { PLACES, WITHIN } from "./nav";
import classes from "./Palette.module.css";

interface Command extends Named {
  run: () => void;
}

/** Ctrl-K: go anywhere, change range or look, jump to a dashboard, a service, a trace id or a log search. */
export function Palette({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const commands = useCommands(text);
  const found = useMemo(() => matching(commands, text), [commands, text]);
  const current = Math.min(at, found.length - 1);
  useEffect(() => document.getElementById(`palette-${current}`)?.scrollIntoView({ block: "nearest" }), [current]);
  function run(command: Command | undefined) {
    onClose();
    command?.run();
  }
  return (
    <Modal
      opened
      onClose={onClose}
      withCloseButton={false}
      size="lg"
      yOffset="12vh"
      padding={8}
      attributes={{ content: { "aria-label": "Command palette" } }}
    >
      <TextInput
        data-autofocus
        size="md"
        placeholder="Go to, change, or paste a trace id"
        aria-label="Command"
        role="combobox"
        aria-expanded
        aria-controls="palette-list"
        aria-activedescendant={found.length > 0 ? `palette-${current}` : undefined}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={(event) => {
          if (event.key === "ArrowDown") setAt(Math.min(current + 1, found.length - 1));
          else if (event.key === "ArrowUp") setAt(Math.max(current - 1, 0));
          else if (event.key === "Enter") run(found[current]);
          else return;
          event.preventDefault();
        }}
      />
      <div id="palette-list" role="listbox" aria-label="Commands" className={classes.list} tabIndex={-1}>
        {found.map((command, index) => (
          <div
            key={index}
            id={`palette-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === current}
            className={classes.option}
            onClick={() => run(command)}
            onMouseMove={() => setAt(index)}
          >
            <span className="truncate">{command.label}</span>
            <span className="small soft">{command.group}</span>
          </div>
        ))}
        {found.length === 0 && <p className="soft">Nothing is called that.</p>}
      </div>
    </Modal>
  );
}

function useCommands(text: string): Command[] {
  const navigate = useNavigate();
  const { setRange } = useScope();
  const { live, setLive } = useLive();
  const { setColorScheme } = useMantineColorScheme();
  const services = useScopedApi<ServiceList>("services");
  const boards = useApi<DashboardList>("dashboards");
  const me = useApi<Me>("auth/me", {}, { staleMs: 60_000 });
  const typed = text.trim();
  const commands: Command[] = PLACES.map(({ to, label }) => ({
    ...{ label, group: "Go to" },
    run: () => void navigate({ to }),
  }));
  for (const { to, place, label, search, settings } of WITHIN)
    if (settings === undefined || isSeen(settings, me.data?.role))
      commands.push({ label, group: place, run: () => void navigate({ to, search: search as never }) });
  if (/^[0-9a-f]{32}$/i.test(typed)) {
    const traceId = typed.toLowerCase();
    commands.unshift({
      label: `Trace ${typed}`,
      group: "Open",
      run: () => void navigate({ to: "/traces/$traceId", params: { traceId } }),
    });
  }
  for (const { name } of services.data?.services ?? [])
    commands.push({
      label: name,
      group: "Service",
      run: () => void navigate({ to: "/services/$name", params: { name } }),
    });
  for (const { uid, title } of boards.data?.dashboards ?? [])
    commands.push({
      label: title,
      group: "Dashboard",
      run: () => void navigate({ to: "/dashboards/$uid", params: { uid } }),
    });
  for (const preset of PRESETS)
    commands.push({
      label: preset.label,
      group: "Time range",
      run: () => setRange({ start: preset.start, end: "now" }),
    });
  commands.push({ label: live ? "Stop live refresh" : "Refresh live", group: "Do", run: () => setLive(!live) });
  for (const look of ["light", "dark", "auto"] as const)
    commands.push({
      label: look === "auto" ? "Look as the system" : `Look ${look}`,
      group: "Do",
      run: () => setColorScheme(look),
    });
  if (/^[0-9a-f]{32}$/i.test(typed))
    commands.unshift({
      label: `Error event ${typed}`,
      group: "Open",
      run: () => void navigate({ to: "/errors/event/$eventId", params: { eventId: typed.toLowerCase() } }),
    });
  if (typed)
    commands.push(
      {
        label: `Issues: ${typed}`,
        group: "Search",
        run: () => void navigate({ to: "/errors", search: { query: typed, standing: "all" } as never }),
      },
      {
        label: `Logs: ${typed}`,
        group: "Search",
        run: () => void navigate({ to: "/logs", search: { query: typed } as never }),
      },
      {
        label: `Traces: ${typed}`,
        group: "Search",
        run: () => void navigate({ to: "/traces", search: { query: typed } as never }),
      },
    );
  return commands;
}
