/** One module for the worker, as wrangler bundles it. */
export default {
  logLevel: "warn",
  resolve: { conditions: ["workerd", "worker", "production"] },
  ssr: { noExternal: true, target: "webworker", resolve: { conditions: ["workerd", "worker", "production"] } },
  build: { ssr: "worker.mjs", minify: false, rollupOptions: { external: [/^node:/, /^cloudflare:/] } },
};
