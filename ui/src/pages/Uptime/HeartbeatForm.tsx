import { Button, NumberInput, SegmentedControl, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useChange } from "@/api/queries";
import type { HeartbeatCreate, HeartbeatEdit, HeartbeatSchedule, HeartbeatSummary } from "@/api/types";
import { Refused } from "@/components/State";
import classes from "./Uptime.module.css";

type Kind = "cron" | "every" | "never";
const MINUTE = 60;

/** A new heartbeat, or what is expected of one that is there. */
export function HeartbeatForm({
  heartbeat,
  onDone,
}: {
  heartbeat?: HeartbeatSummary;
  onDone: (made: HeartbeatSummary) => void;
}) {
  const before: HeartbeatSchedule = heartbeat?.schedule ?? { cron: "0 3 * * *" };
  const [name, setName] = useState(heartbeat?.name ?? "");
  const [environment, setEnvironment] = useState(heartbeat?.environment ?? "");
  const [description, setDescription] = useState(heartbeat?.description ?? "");
  const [kind, setKind] = useState<Kind>(before.cron ? "cron" : before.every_seconds ? "every" : "never");
  const [schedule, setSchedule] = useState(before);
  const put = (part: Partial<HeartbeatSchedule>) => setSchedule({ ...schedule, ...part });
  const save = useChange<HeartbeatCreate | HeartbeatEdit, HeartbeatSummary>(
    (body) =>
      heartbeat
        ? { path: `heartbeats/${heartbeat.id}`, method: "PUT", body }
        : { path: "heartbeats", method: "POST", body },
    heartbeat ? ["heartbeats", `heartbeats/${heartbeat.id}`] : ["heartbeats"],
  );
  function submit(event: FormEvent) {
    event.preventDefault();
    const expected: HeartbeatSchedule = {
      ...schedule,
      cron: kind === "cron" ? (schedule.cron ?? "") : "",
      every_seconds: kind === "every" ? (schedule.every_seconds ?? 15 * MINUTE) : null,
    };
    save.mutate(
      heartbeat ? { description, schedule: expected } : { name, environment, description, schedule: expected },
      { onSuccess: onDone },
    );
  }
  return (
    <form onSubmit={submit} className={classes.form}>
      {!heartbeat && (
        <div className={classes.pair}>
          <TextInput
            label="Name"
            required
            pattern="[\w.\-\/]{1,200}"
            title="Letters, digits, dots, dashes and slashes"
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <TextInput
            label="Environment"
            value={environment}
            onChange={(event) => setEnvironment(event.currentTarget.value)}
          />
        </div>
      )}
      <TextInput
        label="Description"
        value={description}
        onChange={(event) => setDescription(event.currentTarget.value)}
      />
      <SegmentedControl
        aria-label="Expected"
        value={kind}
        onChange={(next) => setKind(next as Kind)}
        data={[
          { value: "cron", label: "By crontab" },
          { value: "every", label: "At intervals" },
          { value: "never", label: "Not expected" },
        ]}
      />
      {kind === "cron" && (
        <div className={classes.pair}>
          <TextInput
            label="Crontab"
            required
            value={schedule.cron ?? ""}
            onChange={(event) => put({ cron: event.currentTarget.value })}
          />
          <TextInput
            label="Time zone"
            required
            value={schedule.time_zone ?? "UTC"}
            onChange={(event) => put({ time_zone: event.currentTarget.value })}
          />
        </div>
      )}
      {kind === "every" && (
        <NumberInput
          label="Every, in seconds"
          required
          min={10}
          value={schedule.every_seconds ?? 15 * MINUTE}
          onChange={(value) => put({ every_seconds: Number(value) })}
        />
      )}
      {kind !== "never" && (
        <div className={classes.pair}>
          <NumberInput
            label="Grace, in seconds"
            description="How much later is no reason for alarm"
            min={1}
            value={schedule.grace_seconds ?? 5 * MINUTE}
            onChange={(value) => put({ grace_seconds: Number(value) })}
          />
          <NumberInput
            label="Longest run, in seconds"
            description="From start to end; empty: the default"
            min={1}
            value={schedule.max_runtime_seconds ?? ""}
            onChange={(value) => put({ max_runtime_seconds: value === "" ? null : Number(value) })}
          />
        </div>
      )}
      <Refused error={save.error} />
      <Button type="submit" loading={save.isPending}>
        {heartbeat ? "Save heartbeat" : "Add heartbeat"}
      </Button>
    </form>
  );
}
