import { Button } from "@mantine/core";
import { IconArrowMerge, IconLink } from "@tabler/icons-react";
import { useState } from "react";
import type { IssueDetail } from "@/api/types";
import { HealthMark } from "@/components/HealthMark";
import { IssueBadges } from "@/components/IssueBadges";
import { Refused } from "@/components/State";
import { severityHealth, titleParts, untilWords } from "@/model/errors/issue";
import { ActBar } from "@/pages/Errors/ActBar";
import { useActs } from "@/pages/Errors/useActs";
import { useMayEdit } from "@/state/role";
import classes from "./Issue.module.css";
import { LinkForm } from "./LinkForm";
import { MergeForm } from "./MergeForm";

/** What it is called, how it stands, and what one can do about it. */
export function Header({ detail }: { detail: IssueDetail }) {
  const { issue } = detail;
  const acts = useActs();
  const mayEdit = useMayEdit();
  const [form, setForm] = useState<"merge" | "link">();
  const { head } = titleParts(issue);
  const until = untilWords(detail);
  return (
    <header className={classes.header}>
      <div className={classes.headline}>
        <HealthMark health={severityHealth(issue.severity)} size={18} word="" />
        <h2>{head}</h2>
        <IssueBadges issue={issue} />
        {until && <span className="small soft">{until}</span>}
      </div>
      {issue.value && issue.value !== head && <p className={classes.value}>{issue.value}</p>}
      {issue.culprit && <p className="mono soft">{issue.culprit}</p>}
      {mayEdit && (
        <div className={classes.acts} role="toolbar" aria-label="About this issue">
          <ActBar ids={[issue.id]} acts={acts} closed={issue.status !== "unresolved"} />
          <Button
            variant="default"
            leftSection={<IconArrowMerge size={14} aria-hidden />}
            onClick={() => setForm("merge")}
          >
            Merge
          </Button>
          <Button variant="default" leftSection={<IconLink size={14} aria-hidden />} onClick={() => setForm("link")}>
            Link
          </Button>
        </div>
      )}
      {form === undefined && <Refused error={acts.error} />}
      {form === "merge" && <MergeForm issue={issue} acts={acts} onClose={() => setForm(undefined)} />}
      {form === "link" && <LinkForm id={issue.id} onClose={() => setForm(undefined)} />}
    </header>
  );
}
