import { useScopedApi } from "@/api/queries";
import type { IssuePage } from "@/api/types";
import { Go } from "@/components/Go";
import { IssueLines } from "@/components/IssueLines";
import { Section } from "@/components/PageFrame";
import { plural } from "@/lib/format";

const SHOWN = 5;

/** The unresolved issues of a service that come most often; nothing where there is none. */
export function ServiceIssues({ service }: { service: string }) {
  const found = useScopedApi<IssuePage>("issues", { service, sort: "events", limit: SHOWN });
  if (!found.data || found.data.issues.length === 0) return null;
  return (
    <Section
      title="Issues"
      aside={
        <Go to="/errors" search={{ service: [service] }}>
          {plural(found.data.total, "unresolved issue")}
        </Go>
      }
    >
      <IssueLines issues={found.data.issues} label="Issues of this service" />
    </Section>
  );
}
