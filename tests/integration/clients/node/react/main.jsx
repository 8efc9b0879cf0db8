/** A shop in React with Sentry's SDK: its cart crashes under an error boundary, its search where nobody catches it. */
import * as Sentry from "@sentry/react";
import { useState } from "react";
import { createRoot } from "react-dom/client";
import { totalOf } from "./cart.js";

Sentry.init({
  dsn: new URLSearchParams(location.search).get("dsn"),
  environment: "staging",
  release: "shop-react@2.0.0",
  initialScope: { tags: { service: "shop-react" }, user: { id: "u-8", email: "eve@example.com" } },
});

function Cart({ lines }) {
  return <output>{totalOf(lines)}</output>;
}

function Basket() {
  const [lines, setLines] = useState([{ price: 3 }]);
  return (
    <section>
      <button id="spoil" onClick={() => setLines([{ price: 3 }, null])}>
        Spoil
      </button>
      <Cart lines={lines} />
    </section>
  );
}

function Shop() {
  async function find() {
    console.warn("searching");
    const answer = await fetch("/api/search?word=pen");
    throw new SyntaxError(`no such word: ${answer.status}`);
  }
  return (
    <main>
      <button id="search" onClick={find}>
        Search
      </button>
      <Sentry.ErrorBoundary fallback={<p id="sorry">Something is wrong</p>}>
        <Basket />
      </Sentry.ErrorBoundary>
    </main>
  );
}

createRoot(document.getElementById("root"), { onRecoverableError: Sentry.reactErrorHandler() }).render(<Shop />);
