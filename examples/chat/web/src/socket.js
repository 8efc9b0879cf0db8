// The connection to the room; it says which one it was before, and acknowledges what arrives.
import * as Sentry from "@sentry/react";
import { io } from "socket.io-client";

export function connect(room, user, { onMessage, onState }) {
  let previousSid;
  const socket = io({ auth: (send) => send({ userId: user, previousSid }), transports: ["websocket"] });
  socket.on("connect", () => {
    previousSid = socket.id;
    socket.emit("join", { room });
    onState("connected");
  });
  socket.on("disconnect", (reason) => onState(`disconnected: ${reason}`));
  socket.on("connect_error", (error) => Sentry.addBreadcrumb({ category: "socket", message: error.message }));
  socket.on("message", (message, acknowledge) => {
    onMessage(message);
    acknowledge();
  });
  return socket;
}
