import type { Leak } from "@/api/types";

const FOUND: Record<string, string> = {
  email: "E-mail address",
  phone: "Phone number",
  card: "Card number",
  iban: "Account number",
  ssn: "Social security number",
  jwt: "JSON Web Token",
  key: "Private key or field",
  ip: "Address of a host",
  secret: "Secret behind a name",
  unread: "Not read, removed whole",
};

/** What it was, in words. */
export function leakName(found: string): string {
  return FOUND[found] ?? found;
}

/** Where it stood: a column, and the key in it. */
export function leakPlace({ place, key }: Pick<Leak, "place" | "key">): string {
  return key === "" ? place : `${place} · ${key}`;
}

/** Services with so many values taken out, most first. */
export function leakingServices(leaks: readonly Leak[]): { service: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const { service, count } of leaks) counts.set(service, (counts.get(service) ?? 0) + count);
  return [...counts].map(([service, count]) => ({ service, count })).sort((one, other) => other.count - one.count);
}
