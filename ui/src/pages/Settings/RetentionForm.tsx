import { Button, NumberInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { useApi, useChange } from "@/api/queries";
import type { Retention, SystemStatus } from "@/api/types";
import { Loaded, Notice, Refused } from "@/components/State";
import { capitalized, formatBytes, formatCount } from "@/lib/format";
import { signalName } from "@/model/signals";

const SIGNALS = ["traces", "logs", "metrics", "errors", "events", "domain_events"] as const;

export function RetentionForm() {
  const query = useApi<Retention>("system/retention");
  return (
    <Loaded query={query} what="the retention">
      {(data) => <Form key={JSON.stringify(data)} before={data} />}
    </Loaded>
  );
}

function Form({ before }: { before: Retention }) {
  const [days, setDays] = useState(before);
  const save = useChange<Retention, Retention>(
    (body) => ({ path: "system/retention", method: "PUT", body }),
    ["system/retention", "system/status"],
  );
  const status = useApi<SystemStatus>("system/status");
  function held(name: string): string {
    const signal = status.data?.signals.find((one) => one.signal === name);
    return signal ? `${formatCount(signal.rows)} rows, ${formatBytes(signal.bytes_on_disk)} on disk now` : "";
  }
  const shorter = SIGNALS.filter(
    (name) => days[name] !== 0 && (before[name] === 0 || (days[name] ?? 0) < (before[name] ?? 0)),
  );
  const changed = SIGNALS.some((name) => days[name] !== before[name]);
  return (
    <form
      style={{ maxWidth: 360, display: "flex", flexDirection: "column", gap: 12 }}
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(days, { onSuccess: () => notifications.show({ message: "Retention saved" }) });
      }}
    >
      {SIGNALS.map((name) => (
        <NumberInput
          key={name}
          size="sm"
          label={`${capitalized(signalName(name))}, days`}
          description={[days[name] === 0 ? "kept for ever" : "0 keeps them for ever", held(name)]
            .filter(Boolean)
            .join("; ")}
          min={0}
          value={days[name]}
          onChange={(value) => setDays({ ...days, [name]: Number(value) })}
        />
      ))}
      {shorter.length > 0 && (
        <Notice tone="warning">
          {shorter.map(signalName).join(" and ")} older than the new limit will be gone for good, soon after saving.
        </Notice>
      )}
      <Refused error={save.error} />
      <Button type="submit" size="sm" disabled={!changed} loading={save.isPending}>
        Save retention
      </Button>
    </form>
  );
}
