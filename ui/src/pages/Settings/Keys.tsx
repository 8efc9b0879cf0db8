import { Button, Modal, NumberInput, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { type FormEvent, useState } from "react";
import { useApi, useChange } from "@/api/queries";
import type { IngestKeyCreate, IngestKeyCreated, IngestKeyList, Onboarding } from "@/api/types";
import { Dsn } from "@/components/Dsn";
import { LongTable } from "@/components/LongTable";
import { Section } from "@/components/PageFrame";
import { Empty, Loaded, Refused } from "@/components/State";
import { RelativeTime } from "@/components/Time";
import { Confirm } from "@/components/Confirm";
import { Once } from "./Once";

const COLUMNS = [
  { label: "Name" },
  { label: "Begins with" },
  { label: "Environment" },
  { label: "Origins" },
  { label: "Items/s", numeric: true },
  { label: "Created" },
  { label: "Last used" },
  { label: "Act", numeric: true },
];

export function Keys() {
  const query = useApi<IngestKeyList>("keys");
  const [adding, { open, close }] = useDisclosure(false);
  const [made, setMade] = useState<IngestKeyCreated | null>(null);
  const [shown, setShown] = useState(false);
  const onboarding = useApi<Onboarding>("onboarding", {}, { staleMs: 60_000 });
  const revoke = useChange<string>((id) => ({ path: `keys/${id}`, method: "DELETE" }), ["keys"]);
  return (
    <>
      <div className="spread">
        <span className="soft">An ingest key can write and never read.</span>
        <Button onClick={open}>Create key</Button>
      </div>
      <Refused error={revoke.error} />
      <Loaded
        query={query}
        what="the keys"
        empty={(data) => data.keys.length === 0 && <Empty title="No ingest keys yet">Create one to send data.</Empty>}
      >
        {(data) => (
          <LongTable
            label="Ingest keys"
            what={["key", "keys"]}
            items={data.keys}
            columns={COLUMNS}
            text={(key) => `${key.name} ${key.prefix} ${key.environment ?? ""} ${key.origins.join(" ")}`}
            row={(key) => (
              <tr key={key.id} className={key.revoked ? "soft" : undefined}>
                <td>{key.name}</td>
                <td className="mono">{key.prefix}…</td>
                <td>{key.environment ?? "any"}</td>
                <td>{key.origins.length > 0 ? key.origins.join(", ") : "servers"}</td>
                <td className="num">{key.items_per_second ?? "default"}</td>
                <td>
                  <RelativeTime time={key.created_at} />
                  {key.created_by.startsWith("fixed by") ? `, ${key.created_by}` : ` by ${key.created_by}`}
                </td>
                <td>
                  <RelativeTime time={key.last_used_at} />
                </td>
                <td className="num">
                  {key.revoked ? (
                    "revoked"
                  ) : (
                    <Confirm
                      act="Revoke key"
                      what={`Whatever sends with “${key.name}” will be refused from now on.`}
                      onConfirm={() => revoke.mutate(key.id)}
                    />
                  )}
                </td>
              </tr>
            )}
          />
        )}
      </Loaded>
      <Modal opened={adding} onClose={close} title="Create key" closeButtonProps={{ "aria-label": "Close" }}>
        <KeyForm
          onMade={(key) => {
            close();
            setMade(key);
          }}
        />
      </Modal>
      {onboarding.data?.ingest_key && (
        <Section
          title="The first key"
          aside={
            <Button variant="default" size="compact-xs" aria-expanded={shown} onClick={() => setShown(!shown)}>
              {shown ? "Hide its DSN" : "Show its DSN"}
            </Button>
          }
        >
          {shown && <Dsn secret={onboarding.data.ingest_key} />}
        </Section>
      )}
      <Once title="The new key" secret={made?.key ?? null} onClose={() => setMade(null)}>
        {made && <Dsn secret={made.key} project={made.project} />}
      </Once>
    </>
  );
}

function KeyForm({ onMade }: { onMade: (made: IngestKeyCreated) => void }) {
  const [name, setName] = useState("");
  const [environment, setEnvironment] = useState("");
  const [origins, setOrigins] = useState("");
  const [rate, setRate] = useState<number | null>(null);
  const make = useChange<IngestKeyCreate, IngestKeyCreated>(
    (body) => ({ path: "keys", method: "POST", body }),
    ["keys"],
  );
  function submit(event: FormEvent) {
    event.preventDefault();
    make.mutate(
      {
        name,
        environment: environment || null,
        origins: origins.split(/[\s,]+/).filter(Boolean),
        items_per_second: rate,
      },
      { onSuccess: onMade },
    );
  }
  return (
    <form onSubmit={submit} style={{ display: "flex", flexDirection: "column", gap: 12 }}>
      <TextInput
        size="sm"
        label="Name"
        required
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <TextInput
        size="sm"
        label="Environment"
        description="Everything sent with the key belongs to it; empty: as sent"
        value={environment}
        onChange={(event) => setEnvironment(event.currentTarget.value)}
      />
      <TextInput
        size="sm"
        label="Origins"
        description="For browsers: https://shop.example, separated by commas"
        value={origins}
        onChange={(event) => setOrigins(event.currentTarget.value)}
      />
      <NumberInput
        size="sm"
        label="Items per second at most"
        description="Empty: the default"
        min={1}
        value={rate ?? ""}
        onChange={(value) => setRate(value === "" ? null : Number(value))}
      />
      <Refused error={make.error} />
      <Button type="submit" size="sm" loading={make.isPending}>
        Create key
      </Button>
    </form>
  );
}
