import { describe, expect, it } from "vitest";
import { leakingServices, leakName, leakPlace } from "./leaks";

const leak = (service: string, count: number) => ({
  signal: "logs",
  service,
  found: "email",
  place: "Body",
  key: "",
  count,
  last_seen: "2026-11-27T20:00:00Z",
});

describe("leaks", () => {
  it("says what it was and where it stood", () => {
    expect(leakName("email")).toBe("E-mail address");
    expect(leakName("something new")).toBe("something new");
    expect(leakPlace({ place: "Body", key: "" })).toBe("Body");
    expect(leakPlace({ place: "LogAttributes", key: "user.name" })).toBe("LogAttributes · user.name");
  });

  it("adds up by service, most first", () => {
    expect(leakingServices([leak("web", 2), leak("api", 5), leak("web", 4)])).toEqual([
      { service: "web", count: 6 },
      { service: "api", count: 5 },
    ]);
  });
});
