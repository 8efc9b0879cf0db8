import { Badge, Button } from "@mantine/core";
import { IconPlus, IconUpload } from "@tabler/icons-react";
import { Link, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useApi } from "@/api/queries";
import type { DashboardList, DashboardSummary } from "@/api/types";
import { ListBar, WordFilter } from "@/components/ListBar";
import { PageFrame } from "@/components/PageFrame";
import { Empty, Loaded, NoneOfThese } from "@/components/State";
import { RelativeTime } from "@/components/Time";
import { useSearchChange } from "@/state/useOpened";
import { Import } from "./Import";
import { NewBoard } from "./NewBoard";
import type { DashboardsSearch } from "./url";

const ORIGINS: Record<DashboardSummary["source"], string> = {
  workspace: "workspace",
  plan: "plan",
  builtin: "built in",
};

/** All dashboards: those of the team, of its plan, and those that come with Midwatch. */
export function Dashboards() {
  const { filter = "" } = useSearch({ strict: false }) as DashboardsSearch;
  const change = useSearchChange<DashboardsSearch>();
  const [dialog, setDialog] = useState<"import" | "new" | null>(null);
  const list = useApi<DashboardList>("dashboards");
  return (
    <PageFrame
      title="Dashboards"
      actions={
        <>
          <Button variant="default" leftSection={<IconUpload size={14} />} onClick={() => setDialog("import")}>
            Import
          </Button>
          <Button variant="default" leftSection={<IconPlus size={14} />} onClick={() => setDialog("new")}>
            New dashboard
          </Button>
        </>
      }
    >
      {dialog === "import" && <Import onClose={() => setDialog(null)} />}
      {dialog === "new" && <NewBoard onClose={() => setDialog(null)} />}
      <ListBar>
        <WordFilter
          what="dashboards"
          hint="Title or tag"
          value={filter}
          onChange={(words) => change({ filter: words }, true)}
        />
      </ListBar>
      <Loaded query={list} what="the dashboards">
        {({ dashboards }) => {
          const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
          const found = dashboards.filter((one) =>
            words.every((word) => `${one.title} ${one.tags.join(" ")}`.toLowerCase().includes(word)),
          );
          return found.length > 0 ? (
            <Boards boards={found} />
          ) : filter ? (
            <NoneOfThese what="dashboards" onAll={() => change({ filter: undefined })}>
              None has these words in its title or tags.
            </NoneOfThese>
          ) : (
            <Empty title="No dashboards yet" action={<Button onClick={() => setDialog("new")}>New dashboard</Button>}>
              Create one here, import Grafana&apos;s JSON as it is, or put files into the plan&apos;s folder{" "}
              <code>dashboards</code>.
            </Empty>
          );
        }}
      </Loaded>
    </PageFrame>
  );
}

function Boards({ boards }: { boards: readonly DashboardSummary[] }) {
  return (
    <div className="table-wrap" tabIndex={0} role="region" aria-label="Dashboards">
      <table className="dense">
        <thead>
          <tr>
            <th>Title</th>
            <th className="wide-only">Tags</th>
            <th className="wide-only">From</th>
            <th className="num">Panels</th>
            <th>Changed</th>
          </tr>
        </thead>
        <tbody>
          {boards.map((one) => (
            <tr key={one.uid}>
              <td>
                <Link to="/dashboards/$uid" params={{ uid: one.uid }} title={one.description}>
                  {one.title}
                </Link>
              </td>
              <td className="wide-only">
                <span className="row">
                  {one.tags.map((tag) => (
                    <Badge key={tag} size="sm" variant="default" tt="none">
                      {tag}
                    </Badge>
                  ))}
                </span>
              </td>
              <td className="wide-only" title={one.file ?? undefined}>
                {ORIGINS[one.source]}
              </td>
              <td className="num" title={one.refused > 0 ? `${one.refused} of them cannot be drawn` : undefined}>
                {one.panels}
                {one.refused > 0 && <span className="warning"> ({one.refused} refused)</span>}
              </td>
              <td>
                {one.changed_at ? (
                  <>
                    <RelativeTime time={one.changed_at} /> <span className="soft wide-only">{one.changed_by}</span>
                  </>
                ) : (
                  <span className="soft">–</span>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
