import { describe, expect, it } from "vitest";
import { matching } from "./palette";

const service = (label: string) => ({ label, group: "Service" });
const labels = (list: { label: string }[]) => list.map((one) => one.label);

describe("what the palette finds", () => {
  const commands = [
    service("storefront"),
    service("api-orders"),
    service("orders"),
    { label: "Last hour", group: "Time range" },
    { label: "Logs: or", group: "Search" },
  ];
  it("begins with what was typed, then words that do, then what holds it; searching for it is last", () =>
    expect(labels(matching(commands, "or"))).toEqual(["orders", "api-orders", "storefront", "Logs: or"]));
  it("the group counts as a word", () => expect(labels(matching(commands, "time hour"))).toContain("Last hour"));
  it("searching stays in sight below hundreds of services", () => {
    const many = [...Array.from({ length: 300 }, (_, at) => service(`worker-${at}`)), commands[4] ?? service("")];
    const found = matching(many, "worker");
    expect(found).toHaveLength(50);
    expect(found[49]?.label).toBe("Logs: or");
  });
});
