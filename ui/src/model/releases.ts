import type { DeployShown, ReleaseSummary } from "@/api/types";
import type { Health } from "./red";

/** Above this many in sight, only how many there are is said of those that stand close together. */
const MARKERS_MAX = 30;
const CRASH_FREE_GOOD = 0.995;
const CRASH_FREE_FAIR = 0.98;
const VERSION_CHARACTERS = 24;

export interface DeployMarker {
  label: string;
  atMs: number;
}

/** Deploys as lines on a chart. Several close to each other, as of one release to several services, are one line. */
export function markersOf(deploys: readonly DeployShown[], startMs: number, endMs: number): DeployMarker[] {
  const closeMs = (endMs - startMs) / (MARKERS_MAX * 4);
  const found: (DeployMarker & { versions: string[] })[] = [];
  const inside = deploys
    .map((one) => ({ version: one.version, atMs: Date.parse(one.finished) }))
    .filter(({ atMs }) => atMs >= startMs && atMs <= endMs)
    .sort((a, b) => a.atMs - b.atMs);
  for (const { version, atMs } of inside) {
    const last = found[found.length - 1];
    if (last && atMs - last.atMs < closeMs) {
      if (!last.versions.includes(version)) last.versions.push(version);
    } else found.push({ label: "", atMs, versions: [version] });
  }
  const shown = found.slice(-MARKERS_MAX);
  return shown.map(({ atMs, versions }) => ({ atMs, label: labelOf(versions) }));
}

function labelOf(versions: readonly string[]): string {
  const [first = "", ...others] = versions;
  return others.length > 0 ? `${shortVersion(first)} +${others.length}` : shortVersion(first);
}

/** `shop@1.2.3+4f5a…` without the package, and a hash at no more than its first characters. */
export function shortVersion(version: string): string {
  const plain = version.slice(version.lastIndexOf("@") + 1) || version;
  if (/^[0-9a-f]{40}$/.test(plain)) return plain.slice(0, 7);
  return plain.length > VERSION_CHARACTERS ? `${plain.slice(0, VERSION_CHARACTERS - 1)}…` : plain;
}

/** How a share of sessions or users without a crash is to be read. */
export function crashHealth(share: number | null): Health {
  if (share === null) return "idle";
  if (share >= CRASH_FREE_GOOD) return "good";
  return share >= CRASH_FREE_FAIR ? "warning" : "bad";
}

/** When it began to be in use, as well as it is known, and how that is known. */
export function beganOf(release: ReleaseSummary): { word: string; time: string | null } {
  if (release.last_deploy) return { word: "deployed", time: release.last_deploy.finished };
  if (release.released) return { word: "released", time: release.released };
  if (release.created) return { word: "made", time: release.created };
  return { word: "first seen", time: release.first_seen };
}

/** The first line of a commit's message. */
export function subjectOf(message: string): string {
  return message.split("\n", 1)[0] ?? "";
}

/** What a link is called; the whole of it where it is none that can be read. */
export function hostOf(url: string): string {
  return /^https?:\/\/([^/?#]+)/.exec(url)?.[1] ?? url;
}
