import { Button } from "@mantine/core";
import { useState } from "react";
import { useApi } from "@/api/queries";
import type { HandlerPayload, HandlerRun } from "@/api/types";
import { CodeBlock } from "@/components/CopyId";
import { Failure, SkeletonRows } from "@/components/State";
import { useMayApply } from "@/state/role";

/** The arguments: shown when they are asked for, since that is noted. */
export function Payload({ run }: { run: HandlerRun }) {
  const mayLook = useMayApply();
  const [asked, setAsked] = useState(false);
  return (
    <section aria-label="Arguments">
      <h3>Arguments</h3>
      {asked ? (
        <Shown run={run} />
      ) : mayLook ? (
        <p className="row">
          <Button variant="default" size="compact-sm" onClick={() => setAsked(true)}>
            Show arguments
          </Button>
          <span className="small soft">That you looked is noted in the audit log.</span>
        </p>
      ) : (
        <p className="small soft">Engineers and admins may look at them.</p>
      )}
    </section>
  );
}

function Shown({ run }: { run: HandlerRun }) {
  const found = useApi<HandlerPayload>(`handler-runs/${run.id}/payload`, {}, { staleMs: Number.POSITIVE_INFINITY });
  if (found.isError && !found.data)
    return <Failure error={found.error} what="the arguments" retry={() => void found.refetch()} />;
  if (!found.data) return <SkeletonRows rows={3} />;
  const { form, arguments: named, sealed } = found.data;
  if (form === "plain" && named) return <CodeBlock code={JSON.stringify(named, null, 2)} label="arguments" />;
  if (form === "sealed")
    return (
      <>
        <p className="small">
          Sealed with your team’s key <span className="mono">{String(sealed?.key_id)}</span>, which this server does not
          have. Who has it reads them with:
        </p>
        <CodeBlock
          code={`MIDWATCH_REPLAY_KEY=… midwatch handlers show ${run.id} --payload`}
          label="the command that opens them"
        />
      </>
    );
  return <p className="small soft">They were not kept: {run.refusal}.</p>;
}
