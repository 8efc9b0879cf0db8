// What `make fault` makes go wrong in this worker, where FAULTS is on.
export const faults = {
  api_down: false,
  error_share: 0,
  latency_ms: 0,
  lost_alarms: false,
  socket_drops: false,
  unnamed_session: false,
};

export function misbehave(wanted) {
  for (const name of Object.keys(faults)) if (name in wanted) faults[name] = wanted[name];
  return faults;
}

/** Before a request is served. */
export async function stumble() {
  if (faults.latency_ms) await scheduler.wait(faults.latency_ms);
  if (Math.random() < faults.error_share) throw new RangeError("the shard of this session is out of range");
}
