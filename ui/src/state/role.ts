import { useApi } from "@/api/queries";
import type { Me } from "@/api/types";

/** Whether whoever looks may change things: editors and above may. */
export function useMayEdit(): boolean {
  const me = useApi<Me>("auth/me", {}, { staleMs: 60_000 });
  return me.data !== undefined && me.data.role !== "viewer";
}

/** Whether whoever looks may put a plan in force. */
export function useMayApply(): boolean {
  const me = useApi<Me>("auth/me", {}, { staleMs: 60_000 });
  return me.data?.role === "engineer" || me.data?.role === "admin";
}

/** Whether whoever looks is an admin. */
export function useMayAdminister(): boolean {
  const me = useApi<Me>("auth/me", {}, { staleMs: 60_000 });
  return me.data?.role === "admin";
}
