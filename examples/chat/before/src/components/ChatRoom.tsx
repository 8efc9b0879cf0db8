"use client";
import { useEffect, useState } from "react";
import { socket } from "@/lib/socket";

type Message = { id: string; author: { name: string }; text: string };

export function ChatRoom({ roomId }: { roomId: string }) {
  const [messages, setMessages] = useState<Message[]>([]);
  useEffect(() => {
    socket.connect();
    socket.emit("room:join", roomId);
    socket.on("message:new", (message: Message) => {
      if (process.env.NODE_ENV === "development") console.log("New message:", message);
      setMessages((before) => [...before, message]);
    });
    return () => void socket.disconnect();
  }, [roomId]);
  return (
    <ul>
      {messages.map((message) => (
        <li key={message.id}>
          {message.author.name}: {message.text}
        </li>
      ))}
    </ul>
  );
}
