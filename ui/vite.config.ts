import path from "node:path";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const server = process.env.MIDWATCH_URL ?? "http://127.0.0.1:4400";

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { "@": path.resolve(import.meta.dirname, "src") } },
  build: {
    outDir: path.resolve(import.meta.dirname, process.env.MIDWATCH_PAGE_OUT ?? "../src/midwatch/server/http/page"),
    emptyOutDir: true,
    target: "es2022",
    chunkSizeWarningLimit: 700,
    reportCompressedSize: false,
  },
  server: { proxy: { "/api": server, "/docs": server, "/prometheus": server, "/ready": server } },
});
