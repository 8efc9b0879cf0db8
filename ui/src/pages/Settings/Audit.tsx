import { Button } from "@mantine/core";
import { useState } from "react";
import { useApi } from "@/api/queries";
import type { AuditPage } from "@/api/types";
import { Empty, Loaded } from "@/components/State";
import { RelativeTime } from "@/components/Time";

export function Audit() {
  const [cursors, setCursors] = useState<string[]>([]);
  const query = useApi<AuditPage>("audit", { cursor: cursors.at(-1) });
  return (
    <Loaded
      query={query}
      what="the audit log"
      empty={(data) => data.entries.length === 0 && <Empty title="Nothing administrative was done yet" />}
    >
      {(data) => (
        <>
          <div className="table-wrap" tabIndex={0} role="region" aria-label="Audit log">
            <table className="dense">
              <thead>
                <tr>
                  <th>When</th>
                  <th>Who</th>
                  <th>What</th>
                  <th>On</th>
                  <th>Details</th>
                  <th>From</th>
                </tr>
              </thead>
              <tbody>
                {data.entries.map((entry) => (
                  <tr key={entry.id}>
                    <td>
                      <RelativeTime time={entry.time} />
                    </td>
                    <td>{entry.actor}</td>
                    <td className="mono">{entry.action}</td>
                    <td>{entry.target}</td>
                    <td className="mono truncate" style={{ maxWidth: 320 }} title={JSON.stringify(entry.details)}>
                      {Object.keys(entry.details).length > 0 && JSON.stringify(entry.details)}
                    </td>
                    <td className="mono">{entry.address}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          <div className="row">
            {cursors.length > 0 && (
              <Button variant="default" mt="sm" onClick={() => setCursors(cursors.slice(0, -1))}>
                Newer
              </Button>
            )}
            {data.next_cursor !== null && (
              <Button variant="default" mt="sm" onClick={() => setCursors([...cursors, data.next_cursor ?? ""])}>
                Older
              </Button>
            )}
          </div>
        </>
      )}
    </Loaded>
  );
}
