import { Tabs } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type ComponentType, useEffect } from "react";
import { useApi } from "@/api/queries";
import type { Me } from "@/api/types";
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
import classes from "@/components/Tabs.module.css";
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
  const navigate = useNavigate();
  const me = useApi<Me>("auth/me", {}, { staleMs: 60_000 });
  useEffect(() => {
    // On a phone the tabs scroll: the one that is open is in sight.
    document.querySelector("[role=tab][aria-selected=true]")?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [tab]);
  const shown = TABS.filter((one) => isSeen(one, me.data?.role) || one === tab);
  return (
    <PageFrame title={`${LABELS[tab]} · Settings`} heading="Settings">
      <Tabs
        value={tab}
        keepMounted={false}
        onChange={(next) =>
          void navigate({
            to: ".",
            resetScroll: false,
            search: ((before: object) => ({ ...before, tab: next ?? undefined })) as never,
          })
        }
      >
        <Tabs.List mb="md" className={classes.tabs ?? ""}>
          {shown.map((one) => (
            <Tabs.Tab key={one} value={one}>
              {LABELS[one]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {shown.map((one) => {
          const Body = BODIES[one];
          return (
            <Tabs.Panel key={one} value={one}>
              <Body />
            </Tabs.Panel>
          );
        })}
      </Tabs>
    </PageFrame>
  );
}
