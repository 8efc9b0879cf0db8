import { Button } from "@mantine/core";
import { useState } from "react";
import { LIVE_MS, useApi, useChange } from "@/api/queries";
import type { SilenceRequest, SilenceShown } from "@/api/types";
import { CopyId } from "@/components/CopyId";
import fields from "@/components/Fields.module.css";
import { Empty, Loaded, Notice, Refused } from "@/components/State";
import { AbsoluteTime, RelativeTime } from "@/components/Time";
import { plural } from "@/lib/format";
import { extended, matchersText } from "@/model/silences";
import { useMayEdit } from "@/state/role";
import alerts from "../Alerts/Alerts.module.css";
import { SILENCE_TOUCHES, SilenceForm } from "../Alerts/SilenceForm";
import { HiddenAlerts, useHidden } from "../Alerts/SilencePreview";
import { Confirm } from "@/components/Confirm";
import { SilenceMark } from "./SilenceMark";

const HOUR_MS = 3.6e6;

/** One silence: whose and why, what it hides, and what can be done with it. `onOther`: there is another in its place. */
export function SilenceDetail({ id, onOther }: { id: string; onOther: (id: string) => void }) {
  const query = useApi<SilenceShown>(`silences/${id}`, {}, { everyMs: LIVE_MS });
  const mayEdit = useMayEdit();
  if (query.data === undefined && query.error?.status === 404)
    return <Empty title="Cannot find the silence">One that is over is listed for five days.</Empty>;
  return (
    <Loaded query={query} what="the silence">
      {(silence) => (
        <div className={alerts.detail}>
          <div className={alerts.heads}>
            <SilenceMark state={silence.state} />
            <span className="soft">
              {silence.state === "pending" ? "begins " : silence.state === "active" ? "ends " : "ended "}
              <RelativeTime time={silence.state === "pending" ? silence.starts_at : silence.ends_at} />
            </span>
          </div>
          {mayEdit && <Acts silence={silence} onOther={onOther} />}
          <Facts silence={silence} />
          {silence.state !== "expired" && <Hides silence={silence} />}
        </div>
      )}
    </Loaded>
  );
}

function Acts({ silence, onOther }: { silence: SilenceShown; onOther: (id: string) => void }) {
  const [form, setForm] = useState<"edit" | "again">();
  const path = `silences/${silence.id}`;
  const touches = [...SILENCE_TOUCHES, path];
  const extend = useChange<SilenceRequest, SilenceShown>((body) => ({ path, method: "PUT", body }), touches);
  const expire = useChange<string>((id) => ({ path: `silences/${id}`, method: "DELETE" }), touches);
  const failed = extend.error ?? expire.error;
  const matchers = matchersText(silence);
  if (silence.state === "expired")
    return (
      <div className={alerts.acts}>
        <Button onClick={() => setForm("again")}>Silence again</Button>
        {form && (
          <SilenceForm
            matchers={matchers}
            why={silence.comment}
            onSaved={(made) => onOther(made.id)}
            onClose={() => setForm(undefined)}
          />
        )}
      </div>
    );
  return (
    <>
      <div className={alerts.acts}>
        <Button
          loading={extend.isPending}
          onClick={() =>
            extend.mutate({
              ...{ matchers: silence.matchers, comment: silence.comment, starts_at: silence.starts_at },
              ends_at: extended(silence, Date.now()),
            })
          }
        >
          Extend by 1 hour
        </Button>
        <Button variant="default" onClick={() => setForm("edit")}>
          Edit silence
        </Button>
        <Confirm
          act="End silence"
          what={
            <>
              The silence of <code>{matchers}</code> ends now
              {silence.state === "active" ? `: ${plural(silence.hides, "alert")} that fire are told of again.` : "."} It
              stays listed for five days.
            </>
          }
          busy={expire.isPending}
          onConfirm={() => expire.mutate(silence.id)}
        />
      </div>
      {failed && <Notice tone="bad">{failed.message}</Notice>}
      {form && (
        <SilenceForm
          before={silence}
          matchers={matchers}
          why={silence.comment}
          onSaved={(saved) => saved.id !== silence.id && onOther(saved.id)}
          onClose={() => setForm(undefined)}
        />
      )}
    </>
  );
}

function Facts({ silence }: { silence: SilenceShown }) {
  const facts = [
    ["Why", silence.comment],
    ["By", silence.created_by],
    ["From", <AbsoluteTime key="from" time={silence.starts_at} />],
    ["Until", <AbsoluteTime key="until" time={silence.ends_at} />],
    ["Last changed", <AbsoluteTime key="changed" time={silence.updated_at} />],
    ["Id", <CopyId key="id" id={silence.id} label="id of the silence" />],
  ] as const;
  return (
    <>
      <section aria-label="Alerts that match all of">
        <h3>Alerts that match all of</h3>
        <table className={fields.fields}>
          <tbody>
            {silence.matchers.map(({ name, operator, value }) => (
              <tr key={`${name}${operator}${value}`}>
                <td className="mono">
                  {name}
                  {operator}
                  {JSON.stringify(value)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <section aria-label="Facts">
        <h3>Facts</h3>
        <table className={fields.fields}>
          <tbody>
            {facts.map(([name, value]) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>{value}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </>
  );
}

function Hides({ silence }: { silence: SilenceShown }) {
  const title = silence.state === "active" ? "Hides now" : "Would hide now";
  // The question wants an end to come; of one that ends meanwhile the answer stays what it was.
  const times = () => ({ ends_at: new Date(Date.now() + HOUR_MS).toISOString() });
  const hidden = useHidden(matchersText(silence), times, LIVE_MS);
  const data = hidden.data;
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      <Refused error={hidden.error} />
      {data?.hides === 0 && <p className="small soft">Nothing that fires.</p>}
      {data && <HiddenAlerts alerts={data.alerts} more={data.hides - data.alerts.length} linked />}
    </section>
  );
}
