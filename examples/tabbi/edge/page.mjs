// The page's files, as a binding of the worker: `Workers Static Assets` on Cloudflare.
import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";

const TYPES = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".map": "application/json",
};

export const page = (folder) => async (request) => {
  const { pathname } = new URL(request.url);
  const name = pathname === "/" ? "index.html" : normalize(decodeURIComponent(pathname)).replace(/^(\.\.[/\\])+/, "");
  try {
    const type = TYPES[extname(name)] ?? "application/octet-stream";
    return new Response(await readFile(join(folder, name)), { headers: { "content-type": type } });
  } catch {
    return new Response("not here\n", { status: 404 });
  }
};
