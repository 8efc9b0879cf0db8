import { createServer } from "http";
import next from "next";
import { createClient } from "redis";
import { Server } from "socket.io";
import { createAdapter } from "@socket.io/redis-adapter";
import { prisma } from "../src/lib/prisma";
import { trackConnection, trackDisconnection } from "../src/lib/telemetry";

const port = Number(process.env.PORT ?? 3000);
const app = next({ dev: process.env.NODE_ENV !== "production" });
const handle = app.getRequestHandler();

async function main() {
  await app.prepare();
  try {
    await prisma.$queryRaw`SELECT 1`;
    console.log("Database connected");
  } catch (error) {
    console.error("Database connection failed:", error);
  }

  const pub = createClient({ url: process.env.REDIS_URL });
  const sub = pub.duplicate();
  await Promise.all([pub.connect(), sub.connect()]);
  console.log("Redis connected");

  const server = createServer((req, res) => handle(req, res));
  const io = new Server(server, { adapter: createAdapter(pub, sub) });

  io.on("connection", (socket) => {
    console.log("Client connected:", socket.id);
    trackConnection(socket.id);
    socket.on("room:join", (roomId: string) => socket.join(roomId));
    socket.on("message:send", async (data: { roomId: string; text: string; userId: string }) => {
      const message = await prisma.message.create({ data });
      io.to(data.roomId).emit("message:new", message);
    });
    socket.on("disconnect", (reason) => {
      console.log("Client disconnected:", socket.id, reason);
      trackDisconnection(socket.id);
    });
  });

  server.listen(port, () => console.log(`Ready on http://localhost:${port}`));
  process.on("SIGTERM", () => {
    console.log("Shutting down");
    server.close(() => process.exit(0));
  });
}

main();
