/** So much of a frame goes to drawing charts; the rest of it is the reader's. */
const BUDGET_MS = 8;

const waiting = new Set<() => void>();
let asked = false;

/** Does the work in one of the next frames: as much in each as there is time for, one piece at least. */
export function inTurn(work: () => void): void {
  waiting.add(work);
  ask();
}

/** What was not done yet stays undone. */
export function notInTurn(work: () => void): void {
  waiting.delete(work);
}

function ask(): void {
  if (asked) return;
  asked = true;
  requestAnimationFrame(run);
}

function run(): void {
  asked = false;
  const started = performance.now();
  try {
    for (const work of waiting) {
      waiting.delete(work);
      work();
      if (performance.now() - started >= BUDGET_MS) break;
    }
  } finally {
    if (waiting.size > 0) ask();
  }
}
