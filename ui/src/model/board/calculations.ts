import { capitalized } from "@/lib/format";
/** From the values of a field to one: Grafana's ids of calculations. */
export type Values = readonly unknown[];

type Calculate = (numbers: readonly number[], all: Values) => unknown;

const present = (value: unknown) => value !== null && value !== undefined && !Number.isNaN(value);
const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);
const mean = (numbers: readonly number[]) => (numbers.length > 0 ? sum(numbers) / numbers.length : null);
const least = (numbers: readonly number[]) => (numbers.length > 0 ? numbers.reduce((a, b) => (b < a ? b : a)) : null);
const greatest = (numbers: readonly number[]) =>
  numbers.length > 0 ? numbers.reduce((a, b) => (b > a ? b : a)) : null;

function variance(numbers: readonly number[]): number | null {
  const middle = mean(numbers);
  return middle === null ? null : sum(numbers.map((one) => (one - middle) ** 2)) / numbers.length;
}

function percentile(numbers: readonly number[], share: number): number | null {
  if (numbers.length === 0) return null;
  const sorted = [...numbers].sort((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const below = sorted[Math.floor(at)] ?? 0;
  return below + ((sorted[Math.ceil(at)] ?? below) - below) * (at - Math.floor(at));
}

/** Of a counter that may begin anew: its growth. */
function delta(numbers: readonly number[]): number {
  return numbers.reduce((total, one, at) => {
    const before = numbers[at - 1];
    return before === undefined ? 0 : total + (one >= before ? one - before : one);
  }, 0);
}

const CALCULATIONS: Record<string, Calculate> = {
  lastNotNull: (_, all) => all.findLast(present) ?? null,
  last: (_, all) => all[all.length - 1] ?? null,
  firstNotNull: (_, all) => all.find(present) ?? null,
  first: (_, all) => all[0] ?? null,
  min: least,
  max: greatest,
  mean,
  avg: mean,
  sum,
  total: sum,
  count: (_, all) => all.length,
  range: (numbers) => (numbers.length > 0 ? (greatest(numbers) ?? 0) - (least(numbers) ?? 0) : null),
  delta,
  diff: (numbers) => (numbers.length > 0 ? (numbers[numbers.length - 1] ?? 0) - (numbers[0] ?? 0) : null),
  diffperc: (numbers) => {
    const [first] = numbers;
    return first ? ((numbers[numbers.length - 1] ?? 0) - first) / first : null;
  },
  step: (numbers) => least(numbers.slice(1).map((one, at) => one - (numbers[at] ?? 0))),
  logmin: (numbers) => least(numbers.filter((one) => one > 0)),
  allIsZero: (numbers) => numbers.length > 0 && numbers.every((one) => one === 0),
  allIsNull: (_, all) => !all.some(present),
  changeCount: (_, all) => all.filter((one, at) => at > 0 && one !== all[at - 1]).length,
  distinctCount: (_, all) => new Set(all).size,
  uniqueValues: (_, all) => [...new Set(all)].join(", "),
  allValues: (_, all) => all.join(", "),
  variance,
  stdDev: (numbers) => {
    const found = variance(numbers);
    return found === null ? null : Math.sqrt(found);
  },
  median: (numbers) => percentile(numbers, 0.5),
};

export function isCalculation(id: string): boolean {
  return Object.hasOwn(CALCULATIONS, id) || /^p\d{1,2}$/.test(id);
}

/** Null where there is nothing to calculate with, and for an unknown id. */
export function calculate(id: string, values: Values): unknown {
  const numbers = values.filter((value): value is number => typeof value === "number" && !Number.isNaN(value));
  const share = /^p(\d{1,2})$/.exec(id);
  if (share) return percentile(numbers, Number(share[1]) / 100);
  return Object.hasOwn(CALCULATIONS, id) ? (CALCULATIONS[id]?.(numbers, values) ?? null) : null;
}

const TITLES: Record<string, string> = {
  lastNotNull: "Last *",
  firstNotNull: "First *",
  mean: "Mean",
  avg: "Mean",
  sum: "Total",
  total: "Total",
  diff: "Difference",
  diffperc: "Difference %",
  stdDev: "Std dev",
};

export function calculationTitle(id: string): string {
  return TITLES[id] ?? capitalized(id);
}
