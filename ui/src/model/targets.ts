import type { DroppedTarget, ScrapeJob, ScrapeTarget, ScrapeTargets } from "@/api/types";
import { hashOf } from "@/lib/hash";

/** What can be asked for alone; without one, all but what was dropped. */
export const SHOWN = ["down", "unknown", "up", "dropped"] as const;
export type Shown = (typeof SHOWN)[number];

export type TargetRow =
  | { kind: "job"; job: ScrapeJob }
  | { kind: "problem"; job: string; text: string }
  | { kind: "target"; id: string; target: ScrapeTarget }
  | { kind: "dropped"; id: string; dropped: DroppedTarget };
/** What opens: the others are headings. */
export type OpenRow = Extract<TargetRow, { id: string }>;

/** The list as it stands on the page: jobs with trouble first, below each what is wrong with it and its targets. */
export function targetRows(answer: ScrapeTargets, shown: Shown | undefined, filter: string): TargetRow[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const has = (...texts: string[]) => {
    const text = texts.join(" ").toLowerCase();
    return words.every((word) => text.includes(word));
  };
  const found = new Map<string, TargetRow[]>(answer.jobs.map(({ job }) => [job, []]));
  if (shown === undefined || shown === "down")
    for (const { job, problems } of answer.jobs)
      for (const text of problems) if (has(job, text)) found.get(job)?.push({ kind: "problem", job, text });
  if (shown === "dropped")
    for (const dropped of answer.dropped) {
      const { job, reason, discovered_labels: labels } = dropped;
      if (has(job, reason, written(labels))) found.get(job)?.push(droppedRow(dropped));
    }
  else
    for (const target of answer.targets) {
      const { job, url, error, labels, health } = target;
      if (shown !== undefined && health !== shown) continue;
      if (has(job, url, error, written(labels))) found.get(job)?.push(targetRow(target));
    }
  const trouble = (job: ScrapeJob) => Number(job.down > 0 || job.problems.length > 0);
  return [...answer.jobs]
    .sort((a, b) => trouble(b) - trouble(a))
    .flatMap((job) => {
      const rows = found.get(job.job) ?? [];
      const untouched = shown === undefined && words.length === 0;
      return rows.length > 0 || untouched ? [{ kind: "job", job } as const, ...rows] : [];
    });
}

/** What an address names, whatever the list is narrowed to: who reads of a target keeps it when its health changes. */
export function openRow(answer: ScrapeTargets, id: string): OpenRow | undefined {
  return [...answer.targets.map(targetRow), ...answer.dropped.map(droppedRow)].find((row) => row.id === id);
}

function targetRow(target: ScrapeTarget): OpenRow {
  const { job, url, labels } = target;
  return { kind: "target", id: idOf(labels.instance, [job, url, labels]), target };
}

function droppedRow(dropped: DroppedTarget): OpenRow {
  const { job, discovered_labels: labels } = dropped;
  return { kind: "dropped", id: idOf(labels.__address__, [job, labels]), dropped };
}

/** Stands in the address: stays while health, order and figures change. */
function idOf(name: string | undefined, of: unknown): string {
  return `${name ?? ""}~${hashOf(JSON.stringify(of)).toString(36)}`;
}

/** How many there are of each, whatever is shown. */
export function targetCounts(jobs: readonly ScrapeJob[]): Record<Shown, number> {
  const sum = (of: Shown) => jobs.reduce((total, job) => total + job[of], 0);
  return { down: sum("down"), unknown: sum("unknown"), up: sum("up"), dropped: sum("dropped") };
}

/** `up` of one target in PromQL. */
export function upOf(labels: Readonly<Record<string, string>>): string {
  return `up{${written(labels, ", ")}}`;
}

/** `job="shop" env="test"`; names that are no plain words are quoted too, as PromQL has them. */
export function written(labels: Readonly<Record<string, string>>, separator = " "): string {
  return Object.entries(labels)
    .map(([name, value]) => `${/^[a-zA-Z_]\w*$/.test(name) ? name : JSON.stringify(name)}=${JSON.stringify(value)}`)
    .join(separator);
}

/** The labels that tell targets of a job apart, beside the address that stands there anyway. */
export function ownLabels({ labels, job, url }: ScrapeTarget): Record<string, string> {
  return Object.fromEntries(
    Object.entries(labels).filter(
      ([name, value]) => !(name === "job" && value === job) && !(name === "instance" && url.includes(`//${value}/`)),
    ),
  );
}
