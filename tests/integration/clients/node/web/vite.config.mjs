import { readdirSync } from "node:fs";

const pages = readdirSync(import.meta.dirname).filter((name) => name.endsWith(".html"));

export default {
  root: import.meta.dirname,
  logLevel: "warn",
  build: { rollupOptions: { input: pages.map((name) => `${import.meta.dirname}/${name}`) }, emptyOutDir: true },
};
