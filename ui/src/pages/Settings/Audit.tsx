import { useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { type ApiError, request } from "@/api/client";
import type { AuditPage } from "@/api/types";
import { LongTable } from "@/components/LongTable";
import { MoreBelow } from "@/components/More";
import { Empty, Loaded } from "@/components/State";
import { RelativeTime } from "@/components/Time";

const PAGE = 200;
const COLUMNS = [
  { label: "Time" },
  { label: "Who" },
  { label: "What" },
  { label: "On" },
  { label: "Details" },
  { label: "From" },
];

export function Audit() {
  const pages = useInfiniteQuery<AuditPage, ApiError>({
    queryKey: ["audit"],
    queryFn: ({ pageParam, signal }) =>
      request<AuditPage>("audit", { params: { limit: PAGE, cursor: pageParam as string }, signal }),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
  const entries = useMemo(() => pages.data?.pages.flatMap((page) => page.entries) ?? [], [pages.data]);
  return (
    <Loaded
      query={pages}
      what="the audit log"
      empty={() =>
        entries.length === 0 && (
          <Empty title="No acts yet">What is done with users, keys, tokens and retention stands here.</Empty>
        )
      }
    >
      {() => (
        <LongTable
          label="Audit log"
          what={["act", "acts"]}
          items={entries}
          columns={COLUMNS}
          text={(entry) =>
            `${entry.actor} ${entry.action} ${entry.target} ${entry.address} ${JSON.stringify(entry.details)}`
          }
          row={(entry) => (
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
          )}
          more={pages.hasNextPage && <MoreBelow rows={pages} />}
        />
      )}
    </Loaded>
  );
}
