import { setPreference, usePreferences } from "./preferences";

/** Whether views ask again by themselves. */
export function useLive(): { live: boolean; setLive: (live: boolean) => void } {
  const { live } = usePreferences();
  return { live, setLive: (next) => setPreference("live", next) };
}
