import { toQuery, type Params } from "./client";

const AGAIN_MS = 3000;

export interface Listeners {
  row: (data: unknown) => void;
  dropped: (data: unknown) => void;
  connected: (connected: boolean) => void;
}

/**
 * Server-sent events of the API until the returned function is called; none is lost or comes twice when the connection breaks.
 * A browser connects again by itself, except where the server, or a proxy before it, answered with an error.
 */
export function connect(path: string, params: Params, on: Listeners): () => void {
  let lastId = "";
  let source: EventSource;
  let again: ReturnType<typeof setTimeout> | undefined;
  const open = () => {
    source = new EventSource(path + toQuery({ ...params, after: lastId }));
    const listen = (name: string, act: (data: unknown) => void) =>
      source.addEventListener(name, (event: MessageEvent<string>) => {
        lastId = event.lastEventId;
        act(JSON.parse(event.data));
      });
    listen("connected", () => on.connected(true));
    listen("row", on.row);
    listen("dropped", on.dropped);
    source.onerror = () => {
      on.connected(false);
      if (source.readyState === EventSource.CLOSED) again = setTimeout(open, AGAIN_MS);
    };
  };
  open();
  return () => {
    clearTimeout(again);
    source.close();
  };
}
