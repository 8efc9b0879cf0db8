import { Button, Checkbox } from "@mantine/core";
import { useState } from "react";
import { useChange } from "@/api/queries";
import type { IssueDetail, IssueSplit, IssueSummary } from "@/api/types";
import { CopyId } from "@/components/CopyId";
import { Go } from "@/components/Go";
import { Notice, Refused } from "@/components/State";
import { RelativeTime } from "@/components/Time";
import { plural } from "@/lib/format";
import { useIssuesAgain } from "@/pages/Errors/useActs";
import { useMayEdit } from "@/state/role";

/** The groups of events that the issue is made of; some of them can become an issue of their own. */
export function Groups({ detail }: { detail: IssueDetail }) {
  const { issue, groups } = detail;
  const again = useIssuesAgain();
  const mayEdit = useMayEdit();
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const split = useChange<IssueSplit, IssueSummary>(
    (body) => ({ path: `issues/${issue.id}/splits`, method: "POST", body }),
    [],
  );
  const picks = mayEdit && groups.length > 1;
  const picked = groups.filter((one) => chosen.includes(one.hash));
  function send() {
    split.mutate(
      { groups: picked.map((one) => one.hash) },
      {
        onSuccess: () => {
          setChosen([]);
          again();
        },
      },
    );
  }
  return (
    <>
      <p className="small soft">
        Events of the same type, place and message are one group
        {groups.length > 1 ? "; these were merged." : ". Issues that are one failure can be merged into this one."}
      </p>
      {split.data && (
        <Notice tone="good">
          They are an issue of their own now:{" "}
          <Go to="/errors/$id" params={{ id: String(split.data.id) }}>
            {split.data.title}
          </Go>
        </Notice>
      )}
      <Refused error={split.error} />
      <div className="table-wrap" tabIndex={0} role="region" aria-label="Groups">
        <table className="dense">
          <thead>
            <tr>
              {picks && <th>Pick</th>}
              <th>Title</th>
              <th>Group</th>
              <th className="num">Made by</th>
              <th className="num">First seen</th>
            </tr>
          </thead>
          <tbody>
            {groups.map((one) => (
              <tr key={one.hash}>
                {picks && (
                  <td>
                    <Checkbox
                      size="xs"
                      aria-label={`Pick ${one.title}`}
                      checked={chosen.includes(one.hash)}
                      onChange={(event) =>
                        setChosen(
                          event.currentTarget.checked
                            ? [...chosen, one.hash]
                            : chosen.filter((other) => other !== one.hash),
                        )
                      }
                    />
                  </td>
                )}
                <td>{one.title}</td>
                <td>
                  <CopyId id={one.hash} label="group" />
                </td>
                <td className="num soft">version {one.version}</td>
                <td className="num soft">
                  <RelativeTime time={one.first_seen} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {picks && (
        <div className="row" style={{ marginTop: 8 }}>
          <Button
            variant="default"
            disabled={picked.length === 0 || picked.length === groups.length}
            loading={split.isPending}
            onClick={send}
          >
            {picked.length === 0 ? "Split off" : `Split off ${plural(picked.length, "group")}`}
          </Button>
          {picked.length === groups.length && <span className="small soft">One has to stay.</span>}
        </div>
      )}
    </>
  );
}
