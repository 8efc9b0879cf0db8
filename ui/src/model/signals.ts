const NAMES: Readonly<Record<string, string>> = { events: "product events", domain_events: "domain events" };

/** A signal as people call it. */
export function signalName(signal: string): string {
  return NAMES[signal] ?? signal;
}
