/** Where one can go in what the plan says: whether all comes as declared, and what was private. */
export const PLAN_VIEWS = [
  { to: "/plan", label: "Verify" },
  { to: "/privacy", label: "Privacy" },
] as const;
