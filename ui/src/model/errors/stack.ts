import { addressOf, type Frame, type Thrown } from "./event";

/** A frame, or several of libraries in a row that are folded into one line. `at` counts from the innermost. */
export type Piece =
  { kind: "frame"; at: number; frame: Frame } | { kind: "fold"; at: number; frames: readonly Frame[] };

/** Own frames, with those of libraries folded between them. Where nothing is the team's own, the innermost stays. */
export function piecesOf(frames: readonly Frame[], whole: boolean): Piece[] {
  const own = frames.some((one) => one.in_app);
  const pieces: Piece[] = [];
  frames.forEach((frame, at) => {
    const shown = whole || frame.in_app || (!own && at === 0);
    if (shown) return void pieces.push({ kind: "frame", at, frame });
    const last = pieces[pieces.length - 1];
    if (last?.kind === "fold") pieces[pieces.length - 1] = { ...last, frames: [...last.frames, frame] };
    else pieces.push({ kind: "fold", at, frames: [frame] });
  });
  return pieces;
}

/** The frame that is open to begin with: the innermost of the team's own, else the innermost. */
export function firstOpen(frames: readonly Frame[]): number {
  return Math.max(
    0,
    frames.findIndex((one) => one.in_app),
  );
}

export interface SourceLine {
  number: number | null;
  text: string;
  /** The line that was run. */
  on: boolean;
}

/** The source around a frame; empty where it did not come. */
export function sourceOf(frame: Frame): SourceLine[] {
  if (frame.context_line === undefined) return [];
  const before = frame.pre_context ?? [];
  const lines = [...before, frame.context_line, ...(frame.post_context ?? [])];
  return lines.map((text, at) => ({
    number: frame.lineno === undefined ? null : frame.lineno - before.length + at,
    text,
    on: at === before.length,
  }));
}

/** Whether there is anything to unfold below a frame. */
export function hasMore(frame: Frame): boolean {
  return frame.context_line !== undefined || Object.keys(frame.vars ?? {}).length > 0;
}

/** All of it to paste into a message: what was caught with its frames, innermost first, then its causes. */
export function stackText(thrown: readonly Thrown[], raw = false): string {
  return thrown
    .map((one, at) => {
      const head = `${at > 0 ? "Caused by: " : ""}${[one.type, one.value].filter(Boolean).join(": ")}`;
      const frames = (raw && one.rawFrames) || one.frames;
      return [head, ...frames.flatMap(frameText)].join("\n");
    })
    .join("\n");
}

function frameText(frame: Frame): string[] {
  const where = `    at ${frame.function || "?"} (${addressOf(frame)})`;
  return frame.context_line === undefined ? [where] : [where, `        ${frame.context_line.trim()}`];
}

/** A value of a frame as one reads it: texts that SDKs have put into quotes already stay as they are. */
export function valueText(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}
