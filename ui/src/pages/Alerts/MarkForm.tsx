import { Button, Modal, Select, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { useApi, useChange } from "@/api/queries";
import type { AlertMark, AlertMarkRequest, Me } from "@/api/types";
import { Refused } from "@/components/State";

type Kind = AlertMark["kind"];
const TITLE: Record<Kind, string> = { acknowledged: "Acknowledge", snoozed: "Snooze", assigned: "Assign" };
const MEANS: Record<Kind, string> = {
  acknowledged: "Somebody has it: it is not repeated and does not escalate while it fires.",
  snoozed: "Nobody is told again until then; if it still fires, they are.",
  assigned: "It says whose it is; who is told stays the same.",
};
const UNTIL: { value: string; label: string }[] = [
  { value: "0.5", label: "30 minutes" },
  { value: "1", label: "1 hour" },
  { value: "2", label: "2 hours" },
  { value: "4", label: "4 hours" },
  { value: "12", label: "12 hours" },
  { value: "24", label: "1 day" },
];
/** Everything that shows marks, by its path. */
export const MARK_TOUCHES = ["alert-groups", "alerts", "alert-history"];

/** What somebody says of an alert, or of all in its group. */
export function MarkForm({
  kind,
  of,
  what,
  onClose,
}: {
  kind: Kind;
  of: { fingerprint?: string; group_key?: string };
  what: string;
  onClose: () => void;
}) {
  const me = useApi<Me>("auth/me", {}, { staleMs: 60_000 });
  const [comment, setComment] = useState("");
  const [hours, setHours] = useState("1");
  const [typed, setAssignee] = useState<string>();
  const assignee = typed ?? me.data?.email ?? "";
  const mark = useChange<AlertMarkRequest, AlertMark>(
    (body) => ({ path: "alert-marks", method: "POST", body }),
    // The alert's own path is asked again by whoever shows it.
    of.fingerprint ? [...MARK_TOUCHES, `alerts/${of.fingerprint}`] : MARK_TOUCHES,
  );
  function send() {
    const until = kind === "snoozed" ? new Date(Date.now() + Number(hours) * 3.6e6).toISOString() : null;
    mark.mutate(
      { kind, ...of, comment, until, assignee: kind === "assigned" ? assignee.trim() : "" },
      { onSuccess: onClose },
    );
  }
  return (
    <Modal opened onClose={onClose} title={`${TITLE[kind]} ${what}`} closeButtonProps={{ "aria-label": "Close" }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        <p className="small soft" style={{ marginTop: 0 }}>
          {MEANS[kind]}
        </p>
        {kind === "snoozed" && (
          <Select
            label="For"
            data={UNTIL}
            value={hours}
            allowDeselect={false}
            onChange={(value) => setHours(value ?? "1")}
          />
        )}
        {kind === "assigned" && (
          <TextInput
            label="To"
            data-autofocus
            required
            maxLength={254}
            value={assignee}
            onChange={(event) => setAssignee(event.currentTarget.value)}
          />
        )}
        <Textarea
          label="Comment"
          {...(kind === "assigned" ? {} : { "data-autofocus": true })}
          autosize
          minRows={2}
          maxLength={2000}
          placeholder="What you know, or will do"
          value={comment}
          onChange={(event) => setComment(event.currentTarget.value)}
          mt="xs"
        />
        <Refused error={mark.error} />
        <div className="row" style={{ marginTop: 16 }}>
          <Button type="submit" loading={mark.isPending}>
            {TITLE[kind]}
          </Button>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
        </div>
      </form>
    </Modal>
  );
}
