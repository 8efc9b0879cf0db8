export interface Named {
  label: string;
  group: string;
}

/** These do something with what was typed: they are always there, and last. */
const TAKES_TEXT = new Set(["Search"]);
const SHOWN_MAX = 50;

/** Commands that hold every typed word: those that begin with it first, then those with a word that does, in their given order. */
export function matching<T extends Named>(commands: readonly T[], text: string): T[] {
  const typed = text.trim().toLowerCase();
  const words = typed.split(/\s+/).filter(Boolean);
  const ranked = commands
    .filter(
      ({ group, label }) =>
        !TAKES_TEXT.has(group) &&
        (group === "Open" || words.every((word) => `${group} ${label}`.toLowerCase().includes(word))),
    )
    .map((command) => ({ command, rank: rankOf(command, typed) }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ command }) => command);
  const last = commands.filter(({ group }) => TAKES_TEXT.has(group));
  return [...ranked.slice(0, SHOWN_MAX - last.length), ...last];
}

function rankOf({ group, label }: Named, typed: string): number {
  const name = label.toLowerCase();
  if (typed === "" || group === "Open" || name === typed) return 0;
  if (name.startsWith(typed)) return 1;
  return name.split(/[^\p{L}\p{N}]+/u).some((word) => word.startsWith(typed)) ? 2 : 3;
}
