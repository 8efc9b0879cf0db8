import { useEffect, useRef, useState } from "react";

import { connect } from "./socket.js";

export function Room({ room, user }) {
  const [messages, setMessages] = useState([]);
  const [state, setState] = useState("connecting");
  const [problem, setProblem] = useState("");
  const socket = useRef(null);

  useEffect(() => {
    fetch(`/api/chat/rooms/${encodeURIComponent(room)}/messages`)
      .then((answer) => answer.json())
      .then((answer) => (answer.ok ? setMessages(answer.data.reverse()) : setProblem(answer.message)));
    const onMessage = (message) => setMessages((before) => [...before, message]);
    socket.current = connect(room, user, { onMessage, onState: setState });
    return () => socket.current.disconnect();
  }, [room, user]);

  function say(event) {
    event.preventDefault();
    const field = event.target.elements.text;
    socket.current.emit("say", { room, text: field.value }, (answer) => setProblem(answer.ok ? "" : answer.message));
    field.value = "";
  }

  return (
    <main>
      <h1>{room}</h1>
      <p role="status">{state}</p>
      {problem && <p role="alert">{problem}</p>}
      <ul>
        {messages.map((message) => (
          <Message key={message.id} message={message} />
        ))}
      </ul>
      <form onSubmit={say}>
        <input name="text" aria-label="Message" autoComplete="off" />
        <button>Say</button>
      </form>
    </main>
  );
}

function Message({ message }) {
  return (
    <li>
      {/* What a program says has no author: see the fault `react_crash`. */}
      <b>{message.author.name}</b>: {message.text}
    </li>
  );
}
