import { textOf } from "@/app/search";

export interface SignInSearch {
  token?: string;
  next?: string;
}

export function validateSignIn(raw: Record<string, unknown>): SignInSearch {
  return { token: textOf(raw, "token"), next: textOf(raw, "next") };
}

/** Where to go after signing in: a path of this page and nothing else. */
export function safeNext(next: string | undefined): string {
  return next && /^\/(?![/\\])/.test(next) && !next.startsWith("/signin") ? next : "/";
}
