import { Button, Modal, Select, Textarea, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type ApiError, request } from "@/api/client";
import { useChange } from "@/api/queries";
import type { SilencePreview, SilenceRequest, SilenceShown } from "@/api/types";
import { Notice } from "@/components/State";
import { formatExact, plural } from "@/lib/format";
import { tellingLabels } from "@/model/alerts";
import classes from "./Alerts.module.css";
import { MARK_TOUCHES } from "./MarkForm";

const FOR: { value: string; label: string }[] = [
  { value: "1", label: "1 hour" },
  { value: "2", label: "2 hours" },
  { value: "4", label: "4 hours" },
  { value: "8", label: "8 hours" },
  { value: "24", label: "1 day" },
  { value: "72", label: "3 days" },
  { value: "168", label: "7 days" },
];
const ASK_AFTER_MS = 300;
const LISTED_MAX = 8;

/** A new silence, with what it would hide of what fires now. */
export function SilenceForm({
  matchers,
  touches = [],
  onClose,
}: {
  /** To begin with. */
  matchers: string;
  /** What shows silences besides the list of alerts. */
  touches?: readonly string[];
  onClose: () => void;
}) {
  const [text, setText] = useState(matchers);
  const [hours, setHours] = useState("2");
  const [comment, setComment] = useState("");
  const make = useChange<SilenceRequest, SilenceShown>(
    (body) => ({ path: "silences", method: "POST", body }),
    [...MARK_TOUCHES, "silences", ...touches],
  );
  const endsAt = () => new Date(Date.now() + Number(hours) * 3.6e6).toISOString();
  return (
    <Modal opened onClose={onClose} size="lg" title="New silence" closeButtonProps={{ "aria-label": "Close" }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          make.mutate({ text, ends_at: endsAt(), comment }, { onSuccess: onClose });
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
        <Preview text={text} endsAt={endsAt} />
        <Select
          label="For"
          data={FOR}
          value={hours}
          allowDeselect={false}
          onChange={(value) => setHours(value ?? "2")}
          mt="xs"
        />
        <TextInput
          label="Why"
          required
          data-autofocus
          maxLength={2000}
          value={comment}
          onChange={(event) => setComment(event.currentTarget.value)}
          mt="xs"
        />
        {make.error && <Notice tone="bad">{make.error.message}</Notice>}
        <div className="row" style={{ marginTop: 16 }}>
          <Button type="submit" loading={make.isPending}>
            Silence
          </Button>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
        </div>
      </form>
    </Modal>
  );
}

function Preview({ text, endsAt }: { text: string; endsAt: () => string }) {
  const [asked] = useDebouncedValue(text.trim(), ASK_AFTER_MS);
  const preview = useQuery<SilencePreview, ApiError>({
    queryKey: ["silence-preview", asked],
    queryFn: ({ signal }) =>
      request<SilencePreview>("silence-preview", {
        method: "POST",
        body: { text: asked, ends_at: endsAt(), comment: "preview" },
        signal,
      }),
    placeholderData: keepPreviousData,
    enabled: asked !== "",
    retry: false,
  });
  if (asked === "") return <p className="small soft">Write at least one matcher.</p>;
  if (preview.error) return <Notice tone="warning">{preview.error.message}</Notice>;
  if (!preview.data) return <p className="small soft">Looking what it hides …</p>;
  const { hides, alerts, never } = preview.data;
  return (
    <div role="status" aria-label="What it hides" className={preview.isPlaceholderData ? "dimmed" : ""}>
      {never && <Notice tone="warning">{never}</Notice>}
      <p className="small" style={{ margin: "8px 0 4px" }}>
        {hides === 0 ? "Hides nothing that fires now." : `Hides ${plural(hides, "alert")} that fire now:`}
      </p>
      <ul className={classes.events}>
        {alerts.slice(0, LISTED_MAX).map((alert) => (
          <li key={alert.fingerprint}>
            <strong>{alert.name}</strong>
            <span className="mono soft">
              {tellingLabels(alert.labels)
                .map((pair) => pair.join("="))
                .join(" ")}
            </span>
          </li>
        ))}
      </ul>
      {hides > LISTED_MAX && <p className="small soft">and {formatExact(hides - LISTED_MAX)} more</p>}
    </div>
  );
}
