import { useSyncExternalStore } from "react";

/** What a reader chose for this browser. Everything linkable is in the URL instead. */
export interface Preferences {
  zone: "local" | "utc";
  railOpen: boolean;
  live: boolean;
  wrapLines: boolean;
  dismissedFirstRun: boolean;
}

const KEY = "midwatch.preferences";
const DEFAULTS: Preferences = {
  zone: "local",
  railOpen: true,
  live: false,
  wrapLines: false,
  dismissedFirstRun: false,
};

function read(): Preferences {
  try {
    return { ...DEFAULTS, ...(JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Preferences>) };
  } catch {
    return DEFAULTS;
  }
}

let current: Preferences | null = null;
const listeners = new Set<() => void>();

export function getPreferences(): Preferences {
  current ??= read();
  return current;
}

export function setPreference<K extends keyof Preferences>(name: K, value: Preferences[K]): void {
  current = { ...getPreferences(), [name]: value };
  try {
    localStorage.setItem(KEY, JSON.stringify(current));
  } catch {
    // Storage is full or forbidden: the choice lasts until the page is closed.
  }
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function usePreferences(): Preferences {
  return useSyncExternalStore(subscribe, getPreferences, getPreferences);
}
