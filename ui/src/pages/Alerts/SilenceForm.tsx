import { Button, Modal, Select, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { useChange } from "@/api/queries";
import type { SilenceRequest, SilenceShown } from "@/api/types";
import { Refused } from "@/components/State";
import { localOf } from "@/lib/localTime";
import { silenceTimes, UNTIL } from "@/model/silences";
import classes from "./Alerts.module.css";
import { MARK_TOUCHES } from "./MarkForm";
import { SilencePreview } from "./SilencePreview";

const FOR: { value: string; label: string }[] = [
  { value: "1", label: "1 hour" },
  { value: "2", label: "2 hours" },
  { value: "4", label: "4 hours" },
  { value: "8", label: "8 hours" },
  { value: "24", label: "1 day" },
  { value: "72", label: "3 days" },
  { value: "168", label: "7 days" },
  { value: UNTIL, label: "until a moment" },
];
/** Everything that shows silences or what they hide, by its path; one by its own id comes on top. */
export const SILENCE_TOUCHES = [...MARK_TOUCHES, "silences", "silence-preview"];

/** A new silence, or a change of one, with what it would hide of what fires now. */
export function SilenceForm(props: {
  /** To begin with. */
  matchers: string;
  why?: string;
  /** The one that is changed; without it there will be a new one. */
  before?: SilenceShown;
  /** What shows silences besides the lists of them and of alerts. */
  touches?: readonly string[];
  onSaved?: (silence: SilenceShown) => void;
  onClose: () => void;
}) {
  const { before, touches = [], onSaved, onClose } = props;
  const [text, setText] = useState(props.matchers);
  const [comment, setComment] = useState(props.why ?? "");
  const [begins, setBegins] = useState(before?.state === "pending" ? localOf(Date.parse(before.starts_at)) : "");
  const [lasts, setLasts] = useState(before ? UNTIL : "2");
  const [until, setUntil] = useState(() => localOf(before ? Date.parse(before.ends_at) : Date.now() + 2 * 3.6e6));
  const save = useChange<SilenceRequest, SilenceShown>(
    (body) => ({
      ...(before ? { path: `silences/${before.id}`, method: "PUT" } : { path: "silences", method: "POST" }),
      body,
    }),
    [...SILENCE_TOUCHES, ...(before ? [`silences/${before.id}`] : []), ...touches],
  );
  const times = () => silenceTimes({ begins, lasts, until }, Date.now(), before);
  function send() {
    save.mutate(
      { text, ...times(), comment },
      {
        onSuccess: (silence) => {
          onClose();
          onSaved?.(silence);
        },
      },
    );
  }
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={before ? "Edit silence" : "New silence"}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        <Textarea
          label="Alerts that match all of"
          description={'As a route has them: severity="page", team=~"a|b"'}
          required
          autosize
          minRows={2}
          classNames={{ input: "mono" }}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <SilencePreview text={text} times={times} />
        {before && text.trim() !== props.matchers && (
          <p className="small soft">Other matchers end this silence and begin a new one in its place.</p>
        )}
        <div className={classes.times}>
          {before?.state !== "active" && (
            <TextInput
              type="datetime-local"
              label="Begins"
              description={before ? undefined : "Empty: now"}
              required={before !== undefined}
              value={begins}
              onChange={(event) => setBegins(event.currentTarget.value)}
            />
          )}
          <Select
            label="For"
            description={before?.state === "active" ? "From now" : "From its beginning"}
            data={FOR}
            value={lasts}
            allowDeselect={false}
            onChange={(value) => setLasts(value ?? "2")}
          />
          {lasts === UNTIL && (
            <TextInput
              type="datetime-local"
              label="Until"
              description="In your own zone"
              required
              value={until}
              onChange={(event) => setUntil(event.currentTarget.value)}
            />
          )}
        </div>
        <TextInput
          label="Why"
          required
          data-autofocus
          maxLength={2000}
          value={comment}
          onChange={(event) => setComment(event.currentTarget.value)}
          mt="xs"
        />
        <Refused error={save.error} />
        <div className="row" style={{ marginTop: 16 }}>
          <Button type="submit" loading={save.isPending}>
            {before ? "Save silence" : "Silence"}
          </Button>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
        </div>
      </form>
    </Modal>
  );
}
