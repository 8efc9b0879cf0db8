import { useScopedApi } from "@/api/queries";
import type { IssuePage } from "@/api/types";
import { Go } from "@/components/Go";
import { IssueLines } from "@/components/IssueLines";
import { Section } from "@/components/PageFrame";
import { plural } from "@/lib/format";
import { useAskedAgain } from "./asking";

const SHOWN = 5;

/** What failed for the first time, or again, within the range: nothing where that is nothing. */
export function NewIssues() {
  const askedAgain = useAskedAgain();
  const fresh = useScopedApi<IssuePage>("issues", { substatus: "new", sort: "first_seen", limit: SHOWN }, askedAgain);
  const back = useScopedApi<IssuePage>(
    "issues",
    { substatus: "regressed", sort: "last_seen", limit: SHOWN },
    askedAgain,
  );
  const issues = [...(back.data?.issues ?? []), ...(fresh.data?.issues ?? [])].slice(0, SHOWN);
  if (issues.length === 0) return null;
  const told = [
    (back.data?.total ?? 0) > 0 && `${plural(back.data?.total ?? 0, "issue")} came back`,
    (fresh.data?.total ?? 0) > 0 && `${plural(fresh.data?.total ?? 0, "new issue")}`,
  ].filter(Boolean);
  return (
    <Section
      title="New issues"
      aside={
        <>
          {told.join(", ")} · <Go to="/errors">All issues</Go>
        </>
      }
    >
      <IssueLines issues={issues} label="New issues" />
    </Section>
  );
}
