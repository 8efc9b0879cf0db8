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
import type { Tab } from "./url";
import classes from "@/components/Tabs.module.css";
import { Users } from "./Users";

const TABS: readonly { tab: Tab; label: string; body: ComponentType; admin?: boolean }[] = [
  { tab: "health", label: "System health", body: Health },
  { tab: "limits", label: "Limits hit", body: Limits },
  { tab: "dead-letters", label: "Dead letters", body: DeadLetters },
  { tab: "forwarding", label: "Forwarding", body: Forwarding },
  { tab: "retention", label: "Retention", body: RetentionForm },
  { tab: "keys", label: "Keys", body: Keys },
  { tab: "tokens", label: "API tokens", body: Tokens },
  { tab: "plan", label: "Plan", body: Plan },
  { tab: "users", label: "Users", body: Users, admin: true },
  { tab: "audit", label: "Audit log", body: Audit, admin: true },
];

export function Settings() {
  const { tab = "health" } = useSearch({ from: "/shell/settings" });
  const navigate = useNavigate();
  const me = useApi<Me>("auth/me", {}, { staleMs: 60_000 });
  useEffect(() => {
    // On a phone the tabs scroll: the one that is open is in sight.
    document.querySelector("[role=tab][aria-selected=true]")?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [tab]);
  const shown = TABS.filter((one) => !one.admin || me.data?.role === "admin" || one.tab === tab);
  return (
    <PageFrame title="Settings">
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
            <Tabs.Tab key={one.tab} value={one.tab}>
              {one.label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {shown.map(({ tab: value, body: Body }) => (
          <Tabs.Panel key={value} value={value}>
            <Body />
          </Tabs.Panel>
        ))}
      </Tabs>
    </PageFrame>
  );
}
