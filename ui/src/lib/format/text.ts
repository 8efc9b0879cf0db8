/** Keeps both ends: `orders-7f9c…-x2k4p`. */
export function truncateMiddle(text: string, max: number): string {
  if (text.length <= max) return text;
  const head = Math.ceil((max - 1) / 2);
  return `${text.slice(0, head)}…${text.slice(text.length - (max - 1 - head))}`;
}

export function shortId(id: string): string {
  return id.slice(0, 8);
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en-US")} ${count === 1 ? one : many}`;
}

/** A value as it is written in a search: quoted where it holds more than plain characters. */
export function searchValue(value: string): string {
  return /^[\w./@-]+$/.test(value) ? value : `"${value.replace(/(["\\])/g, "\\$1")}"`;
}

// Colours and cursor moves that programs write for terminals.
const TERMINAL = /\u001b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\))/g;

/** A log body as it reads: without the codes that colour it on a terminal. */
export function plainText(body: string): string {
  return body.includes("\u001b") ? body.replace(TERMINAL, "") : body;
}

/** With its first letter as at the beginning of a sentence. */
export function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
