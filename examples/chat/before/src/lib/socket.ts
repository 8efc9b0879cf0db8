import { io } from "socket.io-client";

export const socket = io({ autoConnect: false });

socket.on("disconnect", (reason) => {
  console.warn("Socket disconnected:", reason);
});
