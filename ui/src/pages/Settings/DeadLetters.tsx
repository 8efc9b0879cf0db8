import { Button } from "@mantine/core";
import { useState } from "react";
import { useApi, useChange } from "@/api/queries";
import type { DeadLetter, DeadLetterDetail, DeadLetterList } from "@/api/types";
import { CodeBlock, CopyId } from "@/components/CopyId";
import { Drawer } from "@/components/Drawer";
import { LongTable } from "@/components/LongTable";
import { Cut, Empty, Loaded, Notice } from "@/components/State";
import { RelativeTime } from "@/components/Time";
import { formatBytes } from "@/lib/format";
import { Confirm } from "@/components/Confirm";

const ASK_MS = 5000;
const TOUCHES = ["dead-letters", "system/status"];

const COLUMNS = [
  { label: "Id" },
  { label: "Came" },
  { label: "Signal" },
  { label: "Key" },
  { label: "Size", numeric: true },
  { label: "Error" },
  { label: "Act", numeric: true },
];

export function DeadLetters() {
  const query = useApi<DeadLetterList>("dead-letters", {}, { everyMs: ASK_MS });
  const retry = useChange<DeadLetter>(({ id }) => ({ path: `dead-letters/${id}/retry`, method: "POST" }), TOUCHES);
  const drop = useChange<string>((id) => ({ path: `dead-letters/${id}`, method: "DELETE" }), TOUCHES);
  const [open, setOpen] = useState<string | null>(null);
  const failure = retry.error ?? drop.error;
  return (
    <>
      {failure && <Notice tone="bad">{failure.message}</Notice>}
      {retry.isSuccess && (
        <Notice>The dead letter of {retry.variables.signal} is being stored again; it comes back if that fails.</Notice>
      )}
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
          <>
            <Cut shown={data.letters.length} total={data.total} what="dead letters" which="newest">
              deal with these first, or use <code>midwatch dead-letters</code>.
            </Cut>
            <LongTable
              label="Dead letters"
              what={["dead letter", "dead letters"]}
              items={data.letters}
              columns={COLUMNS}
              text={(letter) => `${letter.id} ${letter.signal} ${letter.key} ${letter.error}`}
              row={(letter) => (
                <tr key={letter.id}>
                  <td>
                    <CopyId id={letter.id} />
                  </td>
                  <td>
                    <RelativeTime time={letter.time} />
                  </td>
                  <td>{letter.signal}</td>
                  <td className="num">{letter.key}</td>
                  <td className="num">{formatBytes(letter.bytes)}</td>
                  <td className="truncate" style={{ maxWidth: 360 }} title={letter.error}>
                    {letter.error}
                  </td>
                  <td style={{ whiteSpace: "nowrap" }}>
                    <Button variant="subtle" size="compact-xs" onClick={() => setOpen(letter.id)}>
                      Show
                    </Button>
                    <Button variant="subtle" size="compact-xs" onClick={() => retry.mutate(letter)}>
                      Store again
                    </Button>
                    <Confirm
                      act="Drop dead letter"
                      what={`${formatBytes(letter.bytes)} of ${letter.signal} from ${letter.key} will be gone for good.`}
                      onConfirm={() => drop.mutate(letter.id)}
                    />
                  </td>
                </tr>
              )}
            />
          </>
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
