import { useEffect, useRef, useState } from "react";

import { sessions, signIn, socketOf, startSession } from "./api.js";
import { logger } from "./logger.js";
import { did, has, signedIn } from "./telemetry.js";
import { acted } from "./tracing.js";

const TEMPLATES = ["Explain this repository", "Mend the failing test"];

export function Tabbi() {
  const [user, setUser] = useState("");
  const [mine, setMine] = useState([]);

  async function enter(event) {
    event.preventDefault();
    const userId = new FormData(event.target).get("user");
    await acted("User signs in", async ({ headers }) => {
      await signIn(userId, headers);
      signedIn(userId);
      logger.info("signed in");
      setMine(await sessions(headers));
      setUser(userId);
    }).catch((error) => logger.error("cannot sign in", error));
  }

  return (
    <main>
      <h1>Tabbi: an agent for each of your repositories, in a sandbox of its own</h1>
      {user ? (
        <>
          <Mine sessions={mine} />
          <Session />
        </>
      ) : (
        <form onSubmit={enter}>
          <input name="user" aria-label="Name" defaultValue="ada" />
          <button>Sign in</button>
        </form>
      )}
    </main>
  );
}

function Mine({ sessions: found }) {
  return (
    <ul>
      {found.map((one) => (
        // A repository that GitHub has forgotten is null: see the fault `react_crash`.
        <li key={one.id}>
          <b>{one.repository.split("/")[1]}</b> · {one.state}
        </li>
      ))}
    </ul>
  );
}

function Session() {
  const [session, setSession] = useState(null);
  const [answer, setAnswer] = useState("");
  const [problem, setProblem] = useState("");
  const socket = useRef(null);
  const started = useRef("");
  const prompted = useRef(false);
  useEffect(() => () => socket.current?.close(), []);

  function heard(id, data) {
    const told = JSON.parse(data);
    logger.info(`heard ${told.type}`, { request_id: told.request_id });
    if (told.type === "state") {
      if (told.state === "running") did("session running", { session_id: id });
      if (told.state === "error") setProblem(told.reason ?? "the session failed");
      setSession((before) => ({ ...before, state: told.state }));
    }
    if (told.type === "message.part") setAnswer((before) => `${before} ${told.text}`);
    if (told.type === "message.completed") setAnswer((before) => `${before} ∎`);
    if (told.type.endsWith("failed")) setProblem(told.reason);
  }

  /** What follows is one act: its request id goes along, up to the first prompt and back. */
  async function start(event) {
    event.preventDefault();
    const repository = new FormData(event.target).get("repository");
    setProblem("");
    try {
      await acted('User clicks "Start Session"', async ({ requestId, headers }) => {
        started.current = requestId;
        const made = await startSession(repository, headers);
        did("session started", { session_id: made.session_id });
        setSession({ id: made.session_id, state: made.state });
        open(made.session_id, requestId);
      });
    } catch (error) {
      logger.error("cannot start a session", error, { repository });
      setProblem(error.message);
    }
  }

  function open(id, requestId) {
    socket.current = socketOf(id, requestId);
    socket.current.onmessage = ({ data }) => heard(id, data);
    socket.current.onclose = ({ code }) => {
      logger.warn("socket closed", { code });
      setProblem(`connection lost (${code})`);
    };
  }

  async function prompt(event) {
    event.preventDefault();
    const text = new FormData(event.target).get("prompt");
    setAnswer("");
    await acted(
      "User sends a prompt",
      async ({ requestId, traceparent }) =>
        socket.current.send(JSON.stringify({ type: "prompt", text, request_id: requestId, traceparent })),
      prompted.current ? undefined : started.current,
    );
    if (!prompted.current) did("first prompt", { session_id: session.id });
    prompted.current = true;
  }

  return (
    <section>
      <form onSubmit={start}>
        <input name="repository" aria-label="Repository" defaultValue="tabbi/app" />
        <button disabled={session !== null}>Start session</button>
      </form>
      {session && (
        <p>
          {session.id} is <b id="state">{session.state}</b>
        </p>
      )}
      {session?.state === "running" && (
        <form onSubmit={prompt}>
          {has("prompt-templates") && <Templates />}
          <textarea name="prompt" aria-label="Prompt" rows="3" />
          <button>Send</button>
        </form>
      )}
      {answer && <pre id="answer">{answer}</pre>}
      {problem && <p role="alert">{problem}</p>}
    </section>
  );
}

function Templates() {
  function fill(event) {
    event.preventDefault();
    did("template used", { template: event.target.textContent });
    event.target.form.elements.prompt.value = event.target.textContent;
  }
  return (
    <p>
      {TEMPLATES.map((text) => (
        <button key={text} type="button" onClick={fill}>
          {text}
        </button>
      ))}
    </p>
  );
}
