import type { Problem } from "./schema";

/** The one error of the page: what the server answered, or that it did not. `status` is 0 when no answer came. */
export class ApiError extends Error {
  readonly status: number;
  readonly problem: Problem;

  constructor(status: number, problem: Problem) {
    super(problem.error);
    this.name = "ApiError";
    this.status = status;
    this.problem = problem;
  }

  /** True when the same request may succeed a moment later. */
  get passing(): boolean {
    if (this.problem.code === "too_much") return false;
    return this.status === 0 || this.status === 429 || this.status >= 502;
  }
}

export type Params = Record<string, string | number | boolean | readonly string[] | null | undefined>;

export function toQuery(params: Params): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (value === undefined || value === null || value === "") continue;
    if (Array.isArray(value)) for (const one of value as readonly string[]) search.append(name, one);
    else search.set(name, String(value));
  }
  const text = search.toString();
  return text ? `?${text}` : "";
}

export interface RequestOptions {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  params?: Params;
  body?: unknown;
  signal?: AbortSignal;
}

let onUnauthorized: () => void = () => {};

/** The application says what a 401 means (it goes to the sign-in page). */
export function whenUnauthorized(act: () => void): void {
  onUnauthorized = act;
}

/**
 * Every request of the page: to `/api/v1`, or, with a path that begins with a slash, to the API of a peer that we speak.
 * Raises ApiError; an aborted request raises the browser's AbortError.
 */
export async function request<T>(path: string, options: RequestOptions = {}): Promise<T> {
  const { method = "GET", params = {}, body, signal } = options;
  const headers: Record<string, string> = { accept: "application/json" };
  if (method !== "GET") headers["x-midwatch-csrf"] = "1";
  if (body !== undefined) headers["content-type"] = "application/json";
  let response: Response;
  try {
    response = await fetch(`${path.startsWith("/") ? path : `/api/v1/${path}`}${toQuery(params)}`, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      signal,
      credentials: "same-origin",
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError(0, {
      error: "Midwatch does not answer: is the server running?",
      code: "no_answer",
      request_id: "",
    });
  }
  if (response.ok) return response.status === 204 ? (undefined as T) : ((await response.json()) as T);
  const error = new ApiError(response.status, await readProblem(response));
  if (response.status === 401 && !path.startsWith("auth/")) onUnauthorized();
  throw error;
}

async function readProblem(response: Response): Promise<Problem> {
  const requestId = response.headers.get("x-request-id") ?? "";
  try {
    const problem = (await response.json()) as Partial<Problem> & { errorType?: string };
    if (typeof problem.error === "string")
      return { code: problem.errorType ?? "http_error", request_id: requestId, ...problem, error: problem.error };
  } catch {
    // Not JSON: a proxy in between answered.
  }
  const text = `The server answered ${response.status} ${response.statusText}`.trim();
  return { error: text, code: "http_error", request_id: requestId };
}
