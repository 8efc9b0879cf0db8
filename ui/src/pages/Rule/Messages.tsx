import type { RehearsalMessage } from "@/api/types";
import { LongTable } from "@/components/LongTable";
import { AbsoluteTime } from "@/components/Time";
import { plural } from "@/lib/format";
import { reasonWords } from "@/model/notifications";

/** Messages that would go out. */
export function Messages({ messages, more = 0 }: { messages: readonly RehearsalMessage[]; more?: number }) {
  if (messages.length === 0) return <p className="soft">Nobody.</p>;
  return (
    <LongTable
      label="Messages"
      what={["message", "messages"]}
      items={messages}
      columns={[{ label: "Time" }, { label: "To" }, { label: "Why", wideOnly: true }, { label: "Says" }]}
      more={more > 0 ? `and ${plural(more, "more message")}` : undefined}
      row={(one, at) => (
        <tr key={at}>
          <td>
            <AbsoluteTime time={one.at} />
          </td>
          <td>
            {one.receiver} <span className="soft">{one.integration.replace(`${one.receiver}/`, "")}</span>
          </td>
          <td className="wide-only soft">{reasonWords(one.reason)}</td>
          <td style={{ overflowWrap: "anywhere" }}>
            {one.firing > 0 ? `${one.firing} firing` : `${one.resolved} resolved`}: {one.summary}
          </td>
        </tr>
      )}
    />
  );
}
