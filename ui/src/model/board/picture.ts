/** What a panel shows as rows of text, for a file. */
import { formatAbsolute } from "@/lib/format";
import { rowsOf, titleOf } from "./frames";
import type { LookedFrame } from "./looks";

/** Frames below each other as CSV (RFC 4180), each under its own heading; times in UTC. */
export function csvOf(frames: readonly LookedFrame[]): string {
  return frames
    .map((frame) => {
      const heading = frame.fields.map((field) => cell(titleOf(field)));
      const rows = Array.from({ length: rowsOf(frame) }, (_, at) =>
        frame.fields.map((field) => {
          const value = field.values[at];
          return cell(field.kind === "time" && typeof value === "number" ? formatAbsolute(value, "utc") : value);
        }),
      );
      return [heading, ...rows].map((row) => row.join(",")).join("\r\n");
    })
    .join("\r\n\r\n");
}

function cell(value: unknown): string {
  const text =
    value === null || value === undefined
      ? ""
      : typeof value === "object"
        ? JSON.stringify(value)
        : String(value as string | number);
  return /[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
}
