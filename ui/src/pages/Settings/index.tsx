import { useSearch } from "@tanstack/react-router";
import type { ComponentType } from "react";
import { useApi } from "@/api/queries";
import type { Me } from "@/api/types";
import { TabViews } from "@/components/AreaViews";
import { PageFrame } from "@/components/PageFrame";
import { Audit } from "./Audit";
import { DeadLetters } from "./DeadLetters";
import { Forwarding } from "./Forwarding";
import { Health } from "./Health";
import { Keys } from "./Keys";
import { Limits } from "./Limits";
import { Plan } from "./Plan";
import { RetentionForm } from "./RetentionForm";
import { Tokens } from "./Tokens";
import { isSeen, LABELS, type Tab, TABS } from "./url";
import { Users } from "./Users";

const BODIES: Record<Tab, ComponentType> = {
  health: Health,
  limits: Limits,
  "dead-letters": DeadLetters,
  forwarding: Forwarding,
  retention: RetentionForm,
  keys: Keys,
  tokens: Tokens,
  plan: Plan,
  users: Users,
  audit: Audit,
};

export function Settings() {
  const { tab = "health" } = useSearch({ from: "/shell/settings" });
  const me = useApi<Me>("auth/me", {}, { staleMs: 60_000 });
  const shown = TABS.filter((one) => isSeen(one, me.data?.role) || one === tab);
  const Body = BODIES[tab];
  return (
    <PageFrame title={`${LABELS[tab]} · Settings`} heading="Settings">
      <TabViews label="Settings" to="/settings" tabs={shown} names={LABELS} current={tab} />
      <Body key={tab} />
    </PageFrame>
  );
}
