import { useApi } from "@/api/queries";
import type { LimitHits } from "@/api/types";
import { LongTable } from "@/components/LongTable";
import { Cut, Empty, Loaded } from "@/components/State";
import { RelativeTime } from "@/components/Time";
import { formatExact } from "@/lib/format";

const COLUMNS = [
  { label: "Reason" },
  { label: "Signal" },
  { label: "Key" },
  { label: "Times", numeric: true },
  { label: "Last" },
  { label: "What happened" },
];

export function Limits() {
  const query = useApi<LimitHits>("system/limits");
  return (
    <Loaded
      query={query}
      what="the limits hit"
      empty={(data) =>
        data.hits.length === 0 && (
          <Empty title="No limit was hit in the last day">Nothing was cut, clamped, set aside or refused.</Empty>
        )
      }
    >
      {(data) => (
        <>
          <Cut shown={data.hits.length} total={data.total} what="limits hit" which="most frequent">
            all of them are in <code>limits_hit</code>, by SQL.
          </Cut>
          <LongTable
            label="Limits hit"
            what={["limit hit", "limits hit"]}
            items={data.hits}
            columns={COLUMNS}
            text={(hit) => `${hit.reason} ${hit.signal} ${hit.key}`}
            row={(hit, at) => (
              <tr key={at}>
                <td className="mono">{hit.reason}</td>
                <td>{hit.signal}</td>
                <td>{hit.key}</td>
                <td className="num">{formatExact(hit.count)}</td>
                <td>
                  <RelativeTime time={hit.last_seen} />
                </td>
                <td className="soft">{hit.explanation}</td>
              </tr>
            )}
          />
        </>
      )}
    </Loaded>
  );
}
