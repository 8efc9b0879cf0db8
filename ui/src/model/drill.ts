import type { DrillAnswer, DrillEntry } from "@/api/types";

/** Shares of the drill's whole time, from 0 to 1. */
export interface Phase {
  phase: "pending" | "firing";
  from: number;
  to: number;
}
export interface Told {
  at: number;
  entry: DrillEntry;
  over: boolean;
}
export interface DrillLanes {
  phases: Phase[];
  lanes: { name: string; told: Told[] }[];
  /** Times since the incident began, in seconds, and where they stand. */
  ticks: { at: number; seconds: number }[];
}

const TICK_STEPS = [60, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800, 86_400];
const TICKS_MAX = 7;

/** The drill as lanes: the alert's own life, and one for each way by which somebody is told. */
export function drillLanes(drill: DrillAnswer): DrillLanes {
  const first = drill.entries[0]?.after_seconds ?? 0;
  const last = Math.max(first + 1, drill.entries.at(-1)?.after_seconds ?? 1);
  const share = (seconds: number) => (seconds - first) / (last - first);
  const find = (kind: DrillEntry["kind"]) => drill.entries.find((entry) => entry.kind === kind)?.after_seconds;
  const [pending, firing, resolved] = [find("pending"), find("firing"), find("resolved")];
  const phases: Phase[] = [];
  if (pending !== undefined) phases.push({ phase: "pending", from: share(pending), to: share(firing ?? last) });
  if (firing !== undefined) phases.push({ phase: "firing", from: share(firing), to: share(resolved ?? last) });
  const lanes = new Map<string, Told[]>();
  for (const entry of drill.entries) {
    if (entry.kind !== "notified") continue;
    const told = lanes.get(entry.receiver) ?? [];
    told.push({
      at: share(entry.after_seconds),
      entry,
      over: resolved !== undefined && entry.after_seconds >= resolved,
    });
    lanes.set(entry.receiver, told);
  }
  const step = TICK_STEPS.find((one) => (last - first) / one <= TICKS_MAX) ?? 86_400;
  const ticks = [];
  for (let seconds = Math.ceil(first / step) * step; seconds <= last; seconds += step)
    ticks.push({ at: share(seconds), seconds });
  return { phases, lanes: [...lanes].map(([name, told]) => ({ name, told })), ticks };
}
