import { Button, Modal, Select, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useChange } from "@/api/queries";
import type { OnCallOverride, OnCallPerson, OverrideRequest } from "@/api/types";
import { LongTable } from "@/components/LongTable";
import { formatAbsolute, formatShort } from "@/lib/format";
import { instantOf, localOf } from "@/lib/localTime";
import { Confirm } from "@/components/Confirm";
import { Refused } from "@/components/State";
import { usePreferences } from "@/state/preferences";
import classes from "./OnCall.module.css";
import { nameOf, PersonMark } from "./PersonMark";

const HOUR_MS = 3_600_000;
const COLUMNS = [
  { label: "Who" },
  { label: "From" },
  { label: "To" },
  { label: "Why", wideOnly: true },
  { label: "Act", numeric: true },
];

/** Of a shift that somebody stands in for; without times, from now on. */
export interface OverrideDraft {
  start?: string;
  end?: string;
}

/** Who stands in for whom, now and to come. */
export function Overrides({
  overrides,
  people,
  colors,
  mayEdit,
}: {
  overrides: readonly OnCallOverride[];
  people: readonly OnCallPerson[];
  colors: (id: string) => string;
  mayEdit: boolean;
}) {
  const remove = useChange<OnCallOverride>(
    ({ id }) => ({ path: `on-call-overrides/${id}`, method: "DELETE" }),
    touched(overrides[0]?.schedule ?? ""),
  );
  if (overrides.length === 0) return <p className="soft">Nobody stands in for anybody.</p>;
  return (
    <>
      <Refused error={remove.error} />
      <LongTable
        label="Overrides to come"
        what={["override", "overrides"]}
        items={overrides}
        columns={COLUMNS}
        row={(one) => (
          <tr key={one.id}>
            <td>
              <PersonMark id={one.person} people={people} colors={colors} />
            </td>
            <td>
              <When time={one.start} />
            </td>
            <td>
              <When time={one.end} />
            </td>
            <td className="wide-only soft">
              {one.reason}
              {one.reason && ", "}by {one.created_by}
            </td>
            <td className="num">
              {mayEdit && (
                <Confirm
                  act="Delete override"
                  what={`${nameOf(one.person, people)} no longer stands in: whoever the schedule has is on duty.`}
                  busy={remove.isPending}
                  onConfirm={() => remove.mutate(one)}
                />
              )}
            </td>
          </tr>
        )}
      />
    </>
  );
}

/** The day and the minute: nobody is called to the second. */
function When({ time }: { time: string }) {
  const { zone } = usePreferences();
  return (
    <time dateTime={time} title={formatAbsolute(time, zone)}>
      {formatShort(time, zone)}
    </time>
  );
}

function touched(schedule: string): string[] {
  return ["on-call", `on-call/${encodeURIComponent(schedule)}/shifts`];
}

export function AddOverride({
  schedule,
  people,
  draft,
  onClose,
}: {
  schedule: string;
  people: readonly OnCallPerson[];
  draft: OverrideDraft;
  onClose: () => void;
}) {
  const [now] = useState(Date.now);
  const begin = Math.max(draft.start ? Date.parse(draft.start) : now, now);
  const [person, setPerson] = useState<string | null>(null);
  const [start, setStart] = useState(localOf(begin));
  const [end, setEnd] = useState(localOf(draft.end ? Date.parse(draft.end) : begin + 8 * HOUR_MS));
  const [reason, setReason] = useState("");
  const add = useChange<OverrideRequest, OnCallOverride>(
    (body) => ({ path: `on-call/${encodeURIComponent(schedule)}/overrides`, method: "POST", body }),
    touched(schedule),
  );
  function submit(event: FormEvent) {
    event.preventDefault();
    const [from, to] = [instantOf(start), instantOf(end)];
    if (person !== null && from !== null && to !== null)
      add.mutate({ person, start: from, end: to, reason }, { onSuccess: onClose });
  }
  return (
    <Modal opened onClose={onClose} title={`Override in ${schedule}`} closeButtonProps={{ "aria-label": "Close" }}>
      <form onSubmit={submit} className={classes.form}>
        <Select
          label="Who is on duty instead"
          required
          searchable
          data={people.map((one) => ({ value: one.id, label: one.name }))}
          value={person}
          onChange={setPerson}
        />
        <TextInput
          type="datetime-local"
          label="From"
          required
          value={start}
          onChange={(event) => setStart(event.currentTarget.value)}
        />
        <TextInput
          type="datetime-local"
          label="To"
          required
          value={end}
          onChange={(event) => setEnd(event.currentTarget.value)}
        />
        <TextInput label="Why" value={reason} onChange={(event) => setReason(event.currentTarget.value)} />
        <p className="small soft" style={{ margin: 0 }}>
          Times as your browser&apos;s clock has them.
        </p>
        <Refused error={add.error} />
        <Button type="submit" loading={add.isPending}>
          Add override
        </Button>
      </form>
    </Modal>
  );
}
