import { Skeleton } from "@mantine/core";
import { Link, Navigate } from "@tanstack/react-router";
import { useApi, useScopedApi } from "@/api/queries";
import { useReadiness } from "@/api/readiness";
import type { AlertGroupList, ServiceList, SystemStatus } from "@/api/types";
import { PageFrame, Section } from "@/components/PageFrame";
import { HowToSend } from "@/components/State";
import { useNow } from "@/components/Time";
import { usePreferences } from "@/state/preferences";
import { useAskedAgain } from "./asking";
import { Freshness } from "./Freshness";
import { NewIssues } from "./NewIssues";
import { RecentErrors } from "./RecentErrors";
import { ServiceLines } from "./ServiceLines";
import { judge } from "./verdict";
import { VerdictLine } from "./VerdictLine";

/** One of each of the most urgent groups; of all others the number says enough. */
const OPEN_ALERTS = { standing: "open", limit: 4, per_group: 1 };

/** Are we well: the answer first, then what it rests on. */
export function Home() {
  const askedAgain = useAskedAgain();
  const services = useScopedApi<ServiceList>("services", {}, askedAgain);
  const status = useApi<SystemStatus>("system/status", {}, askedAgain);
  const alerts = useApi<AlertGroupList>("alert-groups", OPEN_ALERTS, askedAgain);
  const ready = useReadiness();
  const { dismissedFirstRun } = usePreferences();
  const now = useNow();
  const signals = status.data?.signals ?? [];
  const nothingYet = signals.length > 0 && signals.every((signal) => signal.rows === 0);
  if (nothingYet && !dismissedFirstRun) return <Navigate to="/send-data" replace />;
  // Midwatch's own troubles are told at once: with the store away the services are not known.
  const checks = ready.data?.checks ?? status.data?.checks ?? [];
  const unwell = checks.some((check) => !check.healthy);
  return (
    <PageFrame title="Home" heading="Are we well?">
      {services.data || unwell ? (
        <VerdictLine verdict={judge(services.data, status.data, now, checks, alerts.data)} />
      ) : (
        !services.isError && <Skeleton height={56} />
      )}
      <Section title="Services" aside={<Link to="/services">All services</Link>}>
        <ServiceLines query={services} />
      </Section>
      <NewIssues />
      <Section
        title="Recent errors"
        aside={
          <Link to="/logs" search={{ query: "level:error" } as never}>
            All error lines
          </Link>
        }
      >
        <RecentErrors />
      </Section>
      <Section title="Coming in" aside={<Link to="/settings">System health</Link>}>
        <Freshness query={status} />
      </Section>
      {nothingYet && (
        <p>
          <HowToSend />
        </p>
      )}
    </PageFrame>
  );
}
