/** The built worker, named by the argument, in workerd: asked once for what it fails at; ends with its standard input. */
import { Miniflare } from "miniflare";
import { once } from "node:events";
import { dirname } from "node:path";

const worker = new Miniflare({
  modules: true,
  modulesRoot: dirname(process.argv[2]),
  scriptPath: process.argv[2],
  compatibilityDate: "2026-03-01",
  compatibilityFlags: ["nodejs_compat"],
  bindings: { DSN: process.env.DSN },
});
const answer = await worker.dispatchFetch("http://edge.shop.test/reports/9?token=t0p5ecret", {
  headers: { authorization: "Bearer abc.def.ghi", "x-tenant": "acme" },
});
console.log(answer.status);
await once(process.stdin.resume(), "end");
await worker.dispose();
