// The official client of Socket.IO, led by lines of JSON: what it is to do comes in, what happens to it goes out.
import { createInterface } from "node:readline";
import { io } from "socket.io-client";

const sockets = new Map();
const tell = (name, on, more = {}) => console.log(JSON.stringify({ name, on, ...more }));

const acts = {
  connect({ name, url, headers, auth, transports, remembers, silent = [] }) {
    let previousSid;
    const options = { extraHeaders: headers, transports, forceNew: true, reconnectionDelay: 50, reconnectionDelayMax: 100 };
    const socket = io(url, { ...options, auth: (send) => send({ ...auth, ...(remembers && { previousSid }) }) });
    socket.on("connect", () => tell(name, "connect", { sid: (previousSid = socket.id) }));
    socket.on("disconnect", (reason) => tell(name, "disconnect", { reason }));
    socket.on("connect_error", (error) => tell(name, "connect_error", { message: error.message }));
    socket.onAny((event, ...args) => {
      const acknowledge = typeof args.at(-1) === "function" ? args.pop() : undefined;
      if (acknowledge && !silent.includes(event)) acknowledge("yes");
      tell(name, "event", { event, args });
    });
    sockets.set(name, socket);
  },
  emit({ name, event, args = [] }) {
    sockets.get(name).emit(event, ...args, (answer) => tell(name, "ack", { event, answer }));
  },
  disconnect: ({ name }) => sockets.get(name).disconnect(),
  // As when the network goes: the client will try again.
  cut: ({ name }) => sockets.get(name).io.engine.close(),
};

for await (const line of createInterface({ input: process.stdin })) {
  const act = JSON.parse(line);
  acts[act.do](act);
}
for (const socket of sockets.values()) socket.disconnect();
