import { describe, expect, it } from "vitest";
import { apartColors, seriesColor } from "./colors";

describe("colours of names", () => {
  it("a name alone has the colour it has everywhere", () =>
    expect(apartColors(["orders"])("orders")).toBe(seriesColor("orders")));
  it("eight names that stand together have eight colours, whatever their order", () => {
    const names = Array.from({ length: 8 }, (_, at) => `service-${at * 37}`);
    const colorOf = apartColors(names);
    expect(new Set(names.map(colorOf)).size).toBe(8);
    expect(names.map(apartColors([...names].reverse()))).toEqual(names.map(colorOf));
  });
  it("more names than colours share them evenly", () => {
    const names = Array.from({ length: 16 }, (_, at) => `service-${at}`);
    const counts = new Map<string, number>();
    for (const color of names.map(apartColors(names))) counts.set(color, (counts.get(color) ?? 0) + 1);
    expect([...counts.values()]).toEqual(Array.from({ length: 8 }, () => 2));
  });
});
