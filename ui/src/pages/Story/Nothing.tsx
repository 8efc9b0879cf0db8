import { CodeBlock } from "@/components/CopyId";
import { Empty } from "@/components/State";
import { Go } from "@/components/Go";
import type { AskedId } from "@/api/types";

const INSTRUMENT = `with midwatch.work(correlation_id):          # or a header: x-correlation-id
    midwatch.event("sms.sent", entity=("linkup", 42), message_id=sid)`;

/** Before anything was asked. */
export function NotAsked() {
  return (
    <Empty title="What happened to it?">
      Give an id from a log line, a support ticket, a trace or a database row. Everything that was told of it, and of
      what it led to, is put on one timeline: spans, logs, errors, events, jobs, messages and their call-backs, replays,
      alerts and deploys.
    </Empty>
  );
}

/** Nothing has the ids. */
export function Unknown({ asked, narrowed }: { asked: readonly AskedId[]; narrowed: boolean }) {
  return (
    <>
      <Empty title={`Nothing is stored of ${asked.map((one) => `${one.kind} ${one.value}`).join(", ")}`}>
        {narrowed
          ? "Not in this time range and these environments: look in all that is stored, or in all environments."
          : "It may be written otherwise, be older than what is kept, or not be sent: an id is found where a span, a line, an error or an event has it as an attribute."}{" "}
        Look for the text in{" "}
        <Go to="/logs" search={{ query: `"${asked[0]?.value ?? ""}"` }} className="among">
          Logs
        </Go>
        , or have the app say it:
      </Empty>
      <CodeBlock code={INSTRUMENT} label="the code that says an id" />
    </>
  );
}
