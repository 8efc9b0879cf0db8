import { describe, expect, it } from "vitest";
import { momentAt, momentsOf } from "./moments";
import { formatMoment, formatOffset, recordingOf } from "./recording";
import { cleanedStyle, sanitised } from "./sanitised";
import { oddClicks, placeOf } from "./summary";

const BEGIN = 1_000_000;
const custom = (tag: string, payload: object, at = 0) => ({ type: 5, timestamp: BEGIN + at, data: { tag, payload } });
const frame = (type: number, at: number, data: object = {}) => ({ type, timestamp: BEGIN + at, data });
const node = (tagName: string, attributes: object, childNodes: object[] = []) => ({
  type: 2,
  id: 1,
  tagName,
  attributes,
  childNodes,
});

describe("sanitised", () => {
  it("leaves nothing that would be fetched or run, and what is seen", () => {
    const tree = node("html", {}, [
      node("link", { rel: "stylesheet", href: "https://evil.test/a.css", _cssText: "h1 { color: red; }" }),
      node("link", { rel: "dns-prefetch", href: "https://evil.test" }),
      node("base", { href: "https://evil.test/" }),
      node("meta", { "http-equiv": "refresh", content: "0;url=https://evil.test" }),
      node("script", { src: "https://evil.test/a.js" }),
      node("img", {
        src: "https://evil.test/a.png",
        srcset: "https://evil.test/b.png 2x",
        alt: "a cat",
        onerror: "x()",
      }),
      node("img", { src: "data:image/png;base64,AAAA" }),
      node("iframe", { srcdoc: "<script>", src: "/api/v1/users", rr_src: "https://evil.test" }),
      node("svg", {}, [node("image", { "xlink:href": "https://evil.test/c.svg" }), node("use", { href: "#icon" })]),
      node("object", { data: "https://evil.test" }),
      node("video", { poster: "https://evil.test/p.png", src: "https://evil.test/v.mp4" }),
      node("form", { action: "https://evil.test" }, [node("button", { formaction: "https://evil.test" })]),
      node("a", { href: "https://shop.test/next", ping: "https://evil.test", class: "link" }),
      node("p", { style: "background: url(https://evil.test/d.png); color: red" }),
      { type: 3, id: 2, isStyle: true, textContent: "@import 'https://evil.test/e.css'; p { margin: 0; }" },
      { type: 3, id: 3, textContent: "***" },
    ]);
    const changes = {
      source: 0,
      attributes: [
        { id: 1, attributes: { src: "https://evil.test/f.png", style: { background: "url('//evil.test/g')" } } },
      ],
      adds: [{ parentId: 1, node: node("img", { src: "https://evil.test/h.png" }) }],
    };
    const rules = { source: 8, adds: [{ rule: ".a { background-image: image-set('https://evil.test/i.png' 1x) }" }] };
    const text = JSON.stringify(sanitised([frame(2, 0, { node: tree }), frame(3, 1, changes), frame(3, 2, rules)]));
    expect(text).not.toContain("evil.test");
    expect(text).not.toContain("onerror");
    expect(text).not.toContain('"script"');
    expect(text).not.toContain("/api/v1/users");
    for (const kept of ["a cat", "data:image/png;base64,AAAA", "color: red", "https://shop.test/next", "#icon", "***"])
      expect(text).toContain(kept);
  });
  it("knows addresses in styles however they are written", () => {
    expect(cleanedStyle("a { background: URL( 'https://evil.test' ) }")).toBe("a { background: url(data:,) }");
    expect(cleanedStyle("a { background: u\\72l(https://evil.test) }")).not.toContain("evil");
    expect(cleanedStyle("@\\69mport 'https://evil.test'; a { top: 0 }")).not.toContain("evil");
    expect(cleanedStyle('a::before { content: "\\f101" }')).toBe('a::before { content: "\\f101" }');
    expect(cleanedStyle("a { background: url(data:image/png;base64,AA) }")).toContain("base64,AA");
    expect(cleanedStyle("a { background: url(data:image/svg+xml,<svg/>) }")).not.toContain("svg");
  });
});

describe("recordingOf", () => {
  it("puts what came in order, with its size, its length and where nobody did anything", () => {
    const recording = recordingOf([
      frame(3, 40_000, { source: 2 }),
      custom("breadcrumb", { category: "console" }, 45_000),
      frame(4, 0, { width: 800, height: 600 }),
      frame(2, 10, { node: {} }),
      frame(3, 15_000, { source: 0 }),
      frame(3, 5000, { source: 5 }),
    ]);
    expect(recording.frames.map((one) => one.timestamp - BEGIN)).toEqual([0, 10, 5000, 15_000, 40_000, 45_000]);
    expect(recording.said).toHaveLength(1);
    expect([recording.width, recording.height, recording.lengthMs]).toEqual([800, 600, 45_000]);
    expect(recording.firstMs).toBe(11);
    expect(recording.gaps).toEqual([{ startMs: 5000, endMs: 40_000 }]);
  });
  it("has nothing to play without a whole picture", () => {
    expect(recordingOf([]).frames).toEqual([]);
    expect(recordingOf([frame(3, 0, { source: 2 }), frame(4, 1, { width: -1, height: 1e9 })]).frames).toEqual([]);
  });
});

describe("momentsOf", () => {
  it("reads console lines, requests, clicks, navigations, errors and traces", () => {
    const { moments, cut } = momentsOf(
      [
        custom(
          "breadcrumb",
          { category: "console", level: "error", message: "no [object Object]", data: { arguments: ["no", { a: 1 }] } },
          100,
        ),
        custom("breadcrumb", { category: "ui.click", message: "button#buy" }, 200),
        custom("breadcrumb", { category: "ui.slowClickDetected", message: "b", data: { endReason: "timeout" } }, 300),
        custom("breadcrumb", { category: "ui.multiClick", message: "b", data: { clickCount: 5 } }, 400),
        custom("breadcrumb", { category: "replay.mutations" }, 450),
        custom("performanceSpan", { op: "memory" }, 460),
        custom(
          "performanceSpan",
          {
            op: "resource.fetch",
            description: "/pay",
            startTimestamp: 1,
            endTimestamp: 1.25,
            data: { method: "POST", statusCode: 502 },
          },
          500,
        ),
        custom(
          "performanceSpan",
          { op: "navigation.push", description: "/cart", startTimestamp: 1, endTimestamp: 1 },
          600,
        ),
        custom(
          "performanceSpan",
          { op: "web-vital", description: "largest-contentful-paint", data: { value: 188 } },
          700,
        ),
        custom("options", {}, 0),
      ],
      [{ event_id: "e", at: new Date(BEGIN + 350).toISOString(), is_stored: true, title: "TypeError: x", group: "g" }],
      [{ trace_id: "t", at: new Date(BEGIN - 50).toISOString() }],
      BEGIN,
    );
    expect(cut).toBe(false);
    expect(moments.map((one) => [one.atMs, one.kind, one.tone, one.title, one.aside])).toEqual([
      [0, "trace", "plain", "Trace", "from here"],
      [100, "console", "bad", 'no {"a":1}', "error"],
      [200, "click", "plain", "button#buy", "click"],
      [300, "click", "warning", "b", "dead click"],
      [350, "error", "bad", "TypeError: x", "error"],
      [400, "click", "warning", "b", "rage click"],
      [500, "network", "bad", "POST /pay", "502 · 250 ms"],
      [600, "navigation", "info", "/cart", "push"],
      [700, "other", "plain", "largest-contentful-paint", "web-vital 188"],
    ]);
    expect([momentAt(moments, -1), momentAt(moments, 0), momentAt(moments, 349), momentAt(moments, 9999)]).toEqual([
      -1, 0, 3, 8,
    ]);
  });
  it("survives what is none", () => {
    const odd = [null, 1, "x", [], { tag: 1 }, { tag: "breadcrumb", payload: 5 }, { tag: "performanceSpan" }];
    const events = odd.map((data) => ({ type: 5, timestamp: BEGIN, data }));
    expect(() => momentsOf(events, [], [], BEGIN)).not.toThrow();
  });
});

describe("formatOffset", () => {
  it("reads as a clock does", () => {
    expect(formatMoment(61_950)).toBe("1:01.9");
    expect([formatOffset(-5), formatOffset(247_900), formatOffset(3_723_000)]).toEqual(["0:00", "4:07", "1:02:03"]);
  });
});

describe("a listed replay", () => {
  it.each([
    [0, 0, ""],
    [1, 0, "1 dead"],
    [0, 2, "2 in rage"],
    [1200, 1, "1,200 dead, 1 in rage"],
  ])("with %d dead and %d rage clicks says so", (dead, rage, words) =>
    expect(oddClicks({ dead_clicks: dead, rage_clicks: rage })).toBe(words),
  );
  it("is known by host and path, or by what it says where that is no address", () => {
    expect(placeOf("https://shop.example/pay?token=1#top")).toBe("shop.example/pay");
    expect(placeOf("not an address")).toBe("not an address");
  });
});
