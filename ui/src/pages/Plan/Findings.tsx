import { SegmentedControl } from "@mantine/core";
import { useSearch } from "@tanstack/react-router";
import { useState } from "react";
import type { VerifyFinding, VerifyReport } from "@/api/types";
import { Badge } from "@/components/Badge";
import { Go } from "@/components/Go";
import { Section } from "@/components/PageFrame";
import { Cut, Empty, Notice, Snippet } from "@/components/State";
import { RelativeTime } from "@/components/Time";
import { formatExact, plural } from "@/lib/format";
import { type FindingGroup, findingGroups, placeOf } from "@/model/verify";
import { useSearchChange } from "@/state/useOpened";
import classes from "./Plan.module.css";
import { type PlanSearch, SEVERITIES } from "./url";

const SHOWN = 20;
const ALL = "all";

/** What is not as declared, under the check that found it, each with what to do. */
export function Findings({ report }: { report: VerifyReport }) {
  const { severity } = useSearch({ strict: false }) as PlanSearch;
  const change = useSearchChange<PlanSearch>();
  const groups = findingGroups(report, severity);
  if (report.state === "done" && report.findings.length === 0 && groups.length === 0)
    return <AllGood report={report} />;
  return (
    <>
      <SegmentedControl
        aria-label="Severity"
        value={severity ?? ALL}
        onChange={(value) => change({ severity: SEVERITIES.find((one) => one === value) })}
        data={[
          { value: ALL, label: `All ${formatExact(report.errors + report.warnings)}` },
          { value: "error", label: `Errors ${formatExact(report.errors)}` },
          { value: "warning", label: `Warnings ${formatExact(report.warnings)}` },
        ]}
      />
      {groups.map((group) => (
        <Group key={group.check} group={group} />
      ))}
      {groups.length === 0 && report.state === "done" && (
        <Empty title={`No ${severity === "error" ? "errors" : "warnings"}`}>
          There are findings of the other kind.
        </Empty>
      )}
    </>
  );
}

function AllGood({ report }: { report: VerifyReport }) {
  const declared = report.rows.filter((row) => row.declared).length;
  if (declared === 0)
    return (
      <Empty title="The plan declares nothing yet">
        Say in <code>observability/midwatch.yml</code> which log events, metrics and spans must come; here it is told
        what does not. A first one, written by looking at what arrives:
        <Snippet code="midwatch init && midwatch apply" label="the commands" />
      </Empty>
    );
  return (
    <Empty title="All is as declared">
      {plural(declared, "declared thing", "declared things")} came, and{" "}
      {plural(report.checks.length, "check", "checks")} found nothing else.{" "}
      <Go to="/plan" search={{ part: "contract" }} className="among">
        See what came when
      </Go>
      .
    </Empty>
  );
}

function Group({ group }: { group: FindingGroup }) {
  const [all, setAll] = useState(false);
  const shown = all ? group.findings : group.findings.slice(0, SHOWN);
  return (
    <Section title={group.title} aside={group.total > 0 && plural(group.total, "finding", "findings")}>
      {group.error && <Notice tone="bad">This check could not look: {group.error}</Notice>}
      <ul className={classes.findings}>
        {shown.map((one) => (
          <Finding key={one.id} finding={one} />
        ))}
      </ul>
      {shown.length < group.findings.length && (
        <button type="button" className={classes.more} onClick={() => setAll(true)}>
          Show all {formatExact(group.findings.length)}
        </button>
      )}
      <Cut shown={group.findings.length} total={group.total} what="findings" which="first">
        mend some of these; the rest follows.
      </Cut>
    </Section>
  );
}

function Finding({ finding }: { finding: VerifyFinding }) {
  const { severity, subject, expected, found, todo, since, link, snippet } = finding;
  return (
    <li className={classes.finding}>
      <div className={classes.head}>
        <Badge tone={severity === "error" ? "bad" : "warning"}>{severity}</Badge>
        <span className={classes.subject}>{subject}</span>
        {since && (
          <span className="soft small">
            since <RelativeTime time={since} />
          </span>
        )}
        {link && (
          <Go {...placeOf(link)} className={classes.show}>
            Show
          </Go>
        )}
      </div>
      <p>
        Expected {expected}; found {found}.
      </p>
      <p className="soft">{todo}</p>
      {snippet && <Snippet code={snippet} label="the declaration" />}
    </li>
  );
}
