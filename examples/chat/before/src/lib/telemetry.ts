const connections = new Set<string>();

export function trackConnection(id: string) {
  connections.add(id);
}

export function trackDisconnection(id: string) {
  connections.delete(id);
}
