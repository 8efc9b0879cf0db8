import { Button } from "@mantine/core";
import { useState } from "react";
import { useApi, useChange } from "@/api/queries";
import type { DeadLetterDetail, DeadLetterList } from "@/api/types";
import { CodeBlock, CopyId } from "@/components/CopyId";
import { Drawer } from "@/components/Drawer";
import { Empty, Loaded, Notice } from "@/components/State";
import { RelativeTime } from "@/components/Time";
import { formatBytes } from "@/lib/format";
import { Confirm } from "./Confirm";

const TOUCHES = ["dead-letters", "system/status"];

export function DeadLetters() {
  const query = useApi<DeadLetterList>("dead-letters");
  const retry = useChange<string>((id) => ({ path: `dead-letters/${id}/retry`, method: "POST" }), TOUCHES);
  const drop = useChange<string>((id) => ({ path: `dead-letters/${id}`, method: "DELETE" }), TOUCHES);
  const [open, setOpen] = useState<string | null>(null);
  const failure = retry.error ?? drop.error;
  return (
    <>
      {failure && <Notice tone="bad">{failure.message}</Notice>}
      <Loaded
        query={query}
        what="the dead letters"
        empty={(data) =>
          data.letters.length === 0 && (
            <Empty title="No dead letters">Everything that was acknowledged could be stored.</Empty>
          )
        }
      >
        {(data) => (
          <div className="table-wrap" tabIndex={0} role="region" aria-label="Dead letters">
            <table className="dense">
              <thead>
                <tr>
                  <th>Id</th>
                  <th>Came</th>
                  <th>Signal</th>
                  <th>Key</th>
                  <th className="num">Size</th>
                  <th>Error</th>
                  <th>Act</th>
                </tr>
              </thead>
              <tbody>
                {data.letters.map((letter) => (
                  <tr key={letter.id}>
                    <td>
                      <CopyId id={letter.id} />
                    </td>
                    <td>
                      <RelativeTime time={letter.time} />
                    </td>
                    <td>{letter.signal}</td>
                    <td>{letter.key}</td>
                    <td className="num">{formatBytes(letter.bytes)}</td>
                    <td className="truncate" style={{ maxWidth: 360 }} title={letter.error}>
                      {letter.error}
                    </td>
                    <td style={{ whiteSpace: "nowrap" }}>
                      <Button variant="subtle" size="compact-xs" onClick={() => setOpen(letter.id)}>
                        Show
                      </Button>
                      <Button variant="subtle" size="compact-xs" onClick={() => retry.mutate(letter.id)}>
                        Store again
                      </Button>
                      <Confirm
                        act="Drop dead letter"
                        what={`${formatBytes(letter.bytes)} of ${letter.signal} from ${letter.key} will be gone for good.`}
                        onConfirm={() => drop.mutate(letter.id)}
                      />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Loaded>
      {open !== null && (
        <Drawer title="Dead letter" onClose={() => setOpen(null)}>
          <Letter id={open} />
        </Drawer>
      )}
    </>
  );
}

function Letter({ id }: { id: string }) {
  const query = useApi<DeadLetterDetail>(`dead-letters/${id}`);
  return (
    <Loaded query={query} what="the dead letter">
      {(letter) => (
        <>
          <p className="bad">{letter.error}</p>
          <CodeBlock code={letter.preview} label="preview" />
        </>
      )}
    </Loaded>
  );
}
