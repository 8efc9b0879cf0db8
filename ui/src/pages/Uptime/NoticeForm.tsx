import { Button, MultiSelect, Select, Textarea, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useChange } from "@/api/queries";
import type { NoticeCreate, NoticeSay, StatusNotice } from "@/api/types";
import { Refused } from "@/components/State";
import { instantOf, localOf } from "@/lib/localTime";
import { type Impact, IMPACTS, nextStatus, type NoticeStatus, STATUS_WORD, statusesOf } from "@/model/statusPage";
import classes from "./Uptime.module.css";

const HOUR_MS = 3_600_000;
const TEXT_MAX = 5000;

/** A new incident, or maintenance to come: the public reads it at once. */
export function NoticeForm({
  kind,
  components,
  onDone,
}: {
  kind: StatusNotice["kind"];
  components: readonly string[];
  onDone: () => void;
}) {
  const [title, setTitle] = useState("");
  const [text, setText] = useState("");
  const [impact, setImpact] = useState<Impact>(kind === "incident" ? "major" : "minor");
  const [about, setAbout] = useState<string[]>([]);
  const [starts, setStarts] = useState(kind === "incident" ? "" : localOf(Date.now() + HOUR_MS));
  const [ends, setEnds] = useState(kind === "incident" ? "" : localOf(Date.now() + 2 * HOUR_MS));
  const begin = useChange<NoticeCreate, StatusNotice>(
    (body) => ({ path: "status-page/notices", method: "POST", body }),
    ["status-page"],
  );
  function submit(event: FormEvent) {
    event.preventDefault();
    begin.mutate(
      { kind, title, text, impact, components: about, starts: instantOf(starts), ends: instantOf(ends) },
      { onSuccess: onDone },
    );
  }
  return (
    <form onSubmit={submit} className={classes.form}>
      <TextInput
        label="Title"
        required
        maxLength={200}
        value={title}
        onChange={(event) => setTitle(event.currentTarget.value)}
      />
      <Textarea
        label="What the public reads"
        required
        autosize
        minRows={3}
        maxLength={TEXT_MAX}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <MultiSelect
        size="xs"
        label="Components"
        data={[...components]}
        value={about}
        onChange={setAbout}
        hidePickedOptions
        placeholder={about.length === 0 ? "Those that it is about" : undefined}
      />
      {kind === "incident" ? (
        <Select
          label="Impact"
          data={[...IMPACTS]}
          allowDeselect={false}
          value={impact}
          onChange={(value) => setImpact((value ?? "minor") as Impact)}
        />
      ) : (
        <div className={classes.pair}>
          <TextInput
            type="datetime-local"
            label="Begins"
            required
            value={starts}
            onChange={(event) => setStarts(event.currentTarget.value)}
          />
          <TextInput
            type="datetime-local"
            label="Ends"
            required
            value={ends}
            onChange={(event) => setEnds(event.currentTarget.value)}
          />
        </div>
      )}
      <Refused error={begin.error} />
      <Button type="submit" loading={begin.isPending}>
        {kind === "incident" ? "Open incident" : "Schedule maintenance"}
      </Button>
    </form>
  );
}

/** Another update of one that is there. */
export function UpdateForm({
  notice,
  status: asked,
  onDone,
}: {
  notice: StatusNotice;
  /** What it is to become; otherwise what comes after. */
  status?: NoticeStatus;
  onDone: () => void;
}) {
  const [status, setStatus] = useState<NoticeStatus>(asked ?? nextStatus(notice));
  const [text, setText] = useState("");
  const say = useChange<NoticeSay, StatusNotice>(
    (body) => ({ path: `status-page/notices/${notice.id}/updates`, method: "POST", body }),
    ["status-page"],
  );
  function submit(event: FormEvent) {
    event.preventDefault();
    say.mutate({ status, text }, { onSuccess: onDone });
  }
  return (
    <form onSubmit={submit} className={classes.form}>
      <Select
        label="Status"
        allowDeselect={false}
        data={statusesOf(notice.kind).map((value) => ({ value, label: STATUS_WORD[value] }))}
        value={status}
        onChange={(value) => setStatus((value ?? notice.status) as NoticeStatus)}
      />
      <Textarea
        label="What the public reads"
        required
        data-autofocus
        autosize
        minRows={3}
        maxLength={TEXT_MAX}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <Refused error={say.error} />
      <Button type="submit" loading={say.isPending}>
        Tell
      </Button>
    </form>
  );
}
