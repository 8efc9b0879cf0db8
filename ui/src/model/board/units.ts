/** Values with their unit, by Grafana's unit ids. Three significant digits unless the field says how many decimals. */
import { formatAbsolute, formatNanos, threeDigits, type Zone } from "@/lib/format";

type Steps = readonly (readonly [size: number, sign: string])[];

const SI: Steps = [
  [1e15, "P"],
  [1e12, "T"],
  [1e9, "G"],
  [1e6, "M"],
  [1e3, "k"],
];
const BINARY: Steps = [
  [2 ** 50, "Pi"],
  [2 ** 40, "Ti"],
  [2 ** 30, "Gi"],
  [2 ** 20, "Mi"],
  [2 ** 10, "Ki"],
];
const SHORT: Steps = [
  [1e12, " T"],
  [1e9, " B"],
  [1e6, " M"],
  [1e3, " K"],
];

function digits(value: number, decimals: number | undefined): string {
  return decimals === undefined ? threeDigits(value) : value.toFixed(decimals);
}

function stepped(value: number, decimals: number | undefined, steps: Steps, unit: string): string {
  const [size, sign] = steps.find(([one]) => Math.abs(value) >= one) ?? [1, ""];
  return `${digits(value / size, decimals)}${steps === SHORT ? sign : ` ${sign}${unit}`}`.trimEnd();
}

const DURATIONS: Record<string, number> = {
  ns: 1,
  µs: 1e3,
  us: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
  d: 86400e9,
};
const PER: Record<string, string> = {
  reqps: "req/s",
  ops: "ops/s",
  rps: "rd/s",
  wps: "wr/s",
  iops: "io/s",
  eps: "evt/s",
  mps: "msg/s",
  cps: "c/s",
  opm: "ops/min",
  rpm: "rd/min",
  wpm: "wr/min",
  cpm: "c/min",
  reqpm: "req/min",
  hertz: "Hz",
  rotrpm: "rpm",
};
const BYTES: Record<string, readonly [Steps, string, number]> = {
  bytes: [BINARY, "B", 1],
  decbytes: [SI, "B", 1],
  bits: [BINARY, "b", 1],
  decbits: [SI, "b", 1],
  kbytes: [BINARY, "B", 2 ** 10],
  deckbytes: [SI, "B", 1e3],
  mbytes: [BINARY, "B", 2 ** 20],
  decmbytes: [SI, "B", 1e6],
  gbytes: [BINARY, "B", 2 ** 30],
  decgbytes: [SI, "B", 1e9],
  Bps: [SI, "B/s", 1],
  binBps: [BINARY, "B/s", 1],
  bps: [SI, "b/s", 1],
  binbps: [BINARY, "b/s", 1],
  KBs: [SI, "B/s", 1e3],
  MBs: [SI, "B/s", 1e6],
  pps: [SI, "p/s", 1],
  watt: [SI, "W", 1],
  volt: [SI, "V", 1],
  amp: [SI, "A", 1],
};
const CURRENCIES: Record<string, string> = { USD: "$", EUR: "€", GBP: "£", JPY: "¥", CHF: "CHF", INR: "₹" };
const PLAIN: Record<string, string> = { celsius: "°C", fahrenheit: "°F", humidity: "%H", degree: "°", dB: "dB" };

/** A number as a panel shows it. */
export function formatUnit(value: number, unit = "", decimals?: number, zone: Zone = "local"): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "−Inf";
  const size = DURATIONS[unit];
  if (size !== undefined) return formatNanos(value * size);
  if (unit === "percent") return `${digits(value, decimals)} %`;
  if (unit === "percentunit") return `${digits(value * 100, decimals)} %`;
  const bytes = BYTES[unit];
  if (bytes) return stepped(value * bytes[2], decimals, bytes[0], bytes[1]);
  const per = PER[unit];
  if (per !== undefined) return `${stepped(value, decimals, SHORT, "")} ${per}`;
  if (/^dateTime/.test(unit)) return formatAbsolute(value, zone).replace(/\.\d{3}/, "");
  if (unit.startsWith("currency")) {
    const name = unit.slice("currency".length);
    return `${CURRENCIES[name] ?? name} ${stepped(value, decimals, SHORT, "")}`;
  }
  if (unit === "bool") return value === 0 ? "False" : "True";
  if (unit === "bool_yes_no") return value === 0 ? "No" : "Yes";
  if (unit === "bool_on_off") return value === 0 ? "Off" : "On";
  const custom = /^(suffix|prefix|si):(.*)$/.exec(unit);
  if (custom?.[1] === "prefix") return `${custom[2]}${digits(value, decimals)}`;
  if (custom?.[1] === "si") return stepped(value, decimals, SI, custom[2] ?? "");
  if (custom) return `${digits(value, decimals)} ${custom[2]}`;
  if (unit === "" || unit === "short" || unit === "sishort") return stepped(value, decimals, SHORT, "");
  if (unit === "none" || unit === "locale") return decimals === undefined ? plain(value) : value.toFixed(decimals);
  return `${digits(value, decimals)} ${PLAIN[unit] ?? unit}`;
}

function plain(value: number): string {
  return Number(value.toPrecision(6)).toLocaleString("en-US", { maximumFractionDigits: 6 });
}
