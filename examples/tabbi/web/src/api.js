// What the page asks of the edge.
let token = "";

async function asked(method, path, body, headers = {}) {
  const answer = await fetch(path, {
    method,
    headers: { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }), ...headers },
    body: body && JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${method} ${path} answers ${answer.status}`);
  return answer.status === 204 ? null : answer.json();
}

export async function signIn(userId, headers) {
  token = (await asked("POST", "/signin", { user_id: userId }, headers)).token;
}

export const sessions = (headers) => asked("GET", "/sessions", undefined, headers);
export const startSession = (repository, headers) => asked("POST", "/sessions", { repository }, headers);

export function socketOf(sessionId, requestId) {
  const at = `${location.origin.replace(/^http/, "ws")}/sessions/${sessionId}/ws`;
  return new WebSocket(`${at}?request_id=${requestId}`);
}
