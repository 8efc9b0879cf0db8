import { expect, it } from "vitest";
import { dsnOf, dsnSnippets } from "./dsn";

it("a DSN has the key before the host and the project behind it", () => {
  expect(dsnOf("http://shop.test:4400/", "mwk_a/b", 7)).toBe("http://mwk_a%2Fb@shop.test:4400/7");
});

it("what one copies holds the real address, whichever SDK it is for", () => {
  const dsn = dsnOf("https://watch.test", "mwk_1");
  const list = dsnSnippets({ dsn, key: "mwk_1", otlpHttpUrl: "https://watch.test:4318" });
  expect(new Set(list.map((one) => one.id)).size).toBe(list.length);
  for (const { id, steps } of list) {
    const code = steps.map((step) => step.code).join("\n");
    expect(code, id).toContain(id === "opentelemetry" || id === "midwatch" ? "watch.test:4318" : dsn);
    expect(code, id).toContain("mwk_1");
  }
});
