import { describe, expect, it } from "vitest";
import * as f from ".";

describe("numbers have three significant digits and a unit", () => {
  it.each([
    [0, "0"],
    [7, "7"],
    [999, "999"],
    [999.6, "1 k"],
    [1234, "1.23 k"],
    [1_500_000, "1.5 M"],
    [0.01234, "0.0123"],
  ])("count %d is %s", (value, text) => expect(f.formatCount(value)).toBe(text));
  it.each([
    [0, "0 %"],
    [0.0002, "0.02 %"],
    [0.5, "50 %"],
    [1, "100 %"],
    [0.9999, "> 99.9 %"],
    [1e-7, "< 0.001 %"],
  ])("share %d is %s", (value, text) => expect(f.formatShare(value)).toBe(text));
  it.each([
    [0, "0/s"],
    [12.34, "12.3/s"],
    [0.07, "4.2/min"],
    [0.0005, "1.8/h"],
    [4200, "4.2 k/s"],
  ])("rate %d is %s", (value, text) => expect(f.formatRate(value)).toBe(text));
  it.each([
    [0, "0 B"],
    [1023, "1023 B"],
    [1536, "1.5 KiB"],
    [5 * 2 ** 30, "5 GiB"],
  ])("bytes %d are %s", (value, text) => expect(f.formatBytes(value)).toBe(text));
  it("not measured is not zero", () => {
    expect(f.formatCount(null)).toBe("–");
    expect(f.formatShare(Number.NaN)).toBe("–");
  });
  it.each([
    [110, 100, "+10 %"],
    [50, 100, "−50 %"],
    [5, 0, null],
    [100, 100, "±0 %"],
    [5000, 100, "×50"],
  ])("change of %d after %d is %s", (now, before, text) => expect(f.formatChange(now, before)).toBe(text));
});

describe("durations", () => {
  it.each([
    [0, "0 ms"],
    [850, "850 ns"],
    [12_300, "12.3 µs"],
    [245e6, "245 ms"],
    [1.5e9, "1.5 s"],
    [12.34e9, "12.3 s"],
    [999.9e6, "1 s"],
    [59.97e9, "1 min"],
    [125e9, "2 min 5 s"],
    [12_000e9, "3 h 20 min"],
    [187_200e9, "2 d 4 h"],
    [-5e6, "−5 ms"],
  ])("%d ns is %s", (value, text) => expect(f.formatNanos(value)).toBe(text));
});

describe("times", () => {
  const now = Date.parse("2026-11-20T12:00:00Z");
  it.each([
    ["2026-11-20T12:00:00Z", "now"],
    ["2026-11-20T11:58:00Z", "2 min ago"],
    ["2026-11-20T12:00:05Z", "in 5 s"],
    ["2026-11-18T12:00:00Z", "2 d ago"],
  ])("%s is %s", (time, text) => expect(f.formatRelative(time, now)).toBe(text));
  it("absolute times name their zone", () =>
    expect(f.formatAbsolute("2026-11-20T22:57:07.123456789Z", "utc")).toBe("2026-11-20 22:57:07.123 UTC"));
  it("a logarithmic axis counts in powers of ten", () =>
    expect([1e6, 1e9, 1e11].map(f.formatDecade)).toEqual(["1 ms", "1 s", "100 s"]));
  it("axis labels within a few seconds show milliseconds", () =>
    expect(f.formatTick(Date.parse("2026-11-20T06:00:00.250Z"), 2000, "utc")).toBe("06:00:00.250"));
  it("axis labels show the date at midnight of a long range", () => {
    expect(f.formatTick(Date.parse("2026-11-20T00:00:00Z"), 8.64e7, "utc")).toBe("11-20");
    expect(f.formatTick(Date.parse("2026-11-20T06:00:00Z"), 8.64e7, "utc")).toBe("06:00");
  });
});

describe("text", () => {
  it("a log body reads without a terminal's codes", () => {
    expect(f.plainText("\u001b[1;31mred\u001b[0m and \u001b]8;;http://a\u0007link\u001b]8;;\u0007")).toBe(
      "red and link",
    );
    expect(f.plainText("[31m stays")).toBe("[31m stays");
  });
  it("keeps both ends", () => expect(f.truncateMiddle("abcdefghij", 5)).toBe("ab…ij"));
  it.each([
    ["api", "api"],
    ["GET /a b", '"GET /a b"'],
    ['say "x"', '"say \\"x\\""'],
  ])("%s is searched as %s", (value, text) => expect(f.searchValue(value)).toBe(text));
});
