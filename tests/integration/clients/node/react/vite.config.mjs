/** Minified, with maps that the pages do not name. */
export default {
  root: import.meta.dirname,
  logLevel: "warn",
  oxc: { jsx: { runtime: "automatic" } },
  build: { sourcemap: "hidden", emptyOutDir: true },
};
