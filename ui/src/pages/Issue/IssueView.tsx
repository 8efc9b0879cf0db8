import { Tabs } from "@mantine/core";
import { useSearch } from "@tanstack/react-router";
import { useScopedApi } from "@/api/queries";
import type { IssueDetail } from "@/api/types";
import { Loaded, Notice, SkeletonRows } from "@/components/State";
import tabs from "@/components/Tabs.module.css";
import { formatExact } from "@/lib/format";
import { useSearchChange } from "@/state/useOpened";
import { ActivityList } from "./ActivityList";
import { AllEvents } from "./AllEvents";
import { EventView } from "./EventView";
import { Groups } from "./Groups";
import { Header } from "./Header";
import classes from "./Issue.module.css";
import { IssueFacts } from "./IssueFacts";
import { TagShares } from "./TagShares";
import { ISSUE_TABS, type IssueSearch } from "./url";

const FIRST = "event";

/** Everything about one issue: in a drawer over the list, or alone on the page. */
export function IssueView({ id }: { id: number }) {
  const query = useScopedApi<IssueDetail>(`issues/${id}`);
  return (
    <Loaded query={query} what={`the issue ${id}`} skeleton={<SkeletonRows rows={14} />}>
      {(detail) => <Shown detail={detail} />}
    </Loaded>
  );
}

function Shown({ detail }: { detail: IssueDetail }) {
  const { tab } = useSearch({ strict: false }) as IssueSearch;
  const change = useSearchChange<IssueSearch>();
  const { issue, activity, groups, merged_from: from } = detail;
  return (
    <div className={classes.detail}>
      {typeof from === "number" && <Notice>Issue {from} was merged into this one.</Notice>}
      <Header detail={detail} />
      <IssueFacts detail={detail} />
      <Tabs
        value={tab ?? FIRST}
        onChange={(next) => change({ tab: ISSUE_TABS.find((one) => one === next) }, true)}
        keepMounted={false}
      >
        <Tabs.List className={tabs.tabs}>
          <Tabs.Tab value={FIRST}>Event</Tabs.Tab>
          <Tabs.Tab value="events">All events</Tabs.Tab>
          <Tabs.Tab value="tags">Tags</Tabs.Tab>
          <Tabs.Tab value="activity">Activity {formatExact(activity.length)}</Tabs.Tab>
          <Tabs.Tab value="groups">Groups {formatExact(groups.length)}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value={FIRST}>
          <EventView detail={detail} />
        </Tabs.Panel>
        <Tabs.Panel value="events">
          <AllEvents id={issue.id} />
        </Tabs.Panel>
        <Tabs.Panel value="tags">
          <TagShares id={issue.id} />
        </Tabs.Panel>
        <Tabs.Panel value="activity">
          <ActivityList detail={detail} />
        </Tabs.Panel>
        <Tabs.Panel value="groups">
          <Groups detail={detail} />
        </Tabs.Panel>
      </Tabs>
    </div>
  );
}
