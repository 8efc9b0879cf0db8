import type { RunbookBlock, RunbookStep } from "@/api/types";

/** A stretch of prose, or steps that stand one below the other. */
export type Piece = { markdown: string } | { steps: RunbookStep[] };

/** Prose and steps of a block in their order: steps are ticked off, so they are no text. */
export function piecesOf(block: RunbookBlock): Piece[] {
  const steps = new Map(block.steps.map((step) => [step.line, step]));
  const pieces: Piece[] = [];
  let prose: string[] = [];
  const end = () => {
    if (prose.join("").trim()) pieces.push({ markdown: prose.join("\n") });
    prose = [];
  };
  block.markdown.split("\n").forEach((line, at) => {
    const step = steps.get(at);
    const last = pieces.at(-1);
    if (step === undefined) prose.push(line);
    else if (last && "steps" in last && !prose.join("").trim()) {
      prose = [];
      last.steps.push(step);
    } else {
      end();
      pieces.push({ steps: [step] });
    }
  });
  end();
  return pieces;
}
