type SlowQuery = { query: string; duration: number; at: number };

const slowQueries: SlowQuery[] = [];
const messagesByRoom = new Map<string, number>();
const socketLatencies: number[] = [];

export function recordSlowQuery(query: string, duration: number) {
  slowQueries.push({ query, duration, at: Date.now() });
}

export function recordMessage(roomId: string) {
  messagesByRoom.set(roomId, (messagesByRoom.get(roomId) ?? 0) + 1);
}

export function recordSocketLatency(ms: number) {
  socketLatencies.push(ms);
}

export function getMetrics() {
  const sorted = [...socketLatencies].sort((a, b) => a - b);
  return {
    slowQueries,
    rooms: Object.fromEntries(messagesByRoom),
    latency: { p50: sorted[Math.floor(sorted.length * 0.5)], p95: sorted[Math.floor(sorted.length * 0.95)] },
  };
}
