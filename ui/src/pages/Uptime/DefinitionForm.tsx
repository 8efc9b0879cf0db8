import { Button, Checkbox, CloseButton, MultiSelect, TextInput } from "@mantine/core";
import { type FormEvent, useRef, useState } from "react";
import { useApi, useChange } from "@/api/queries";
import type { HeartbeatList, ProbeList, StatusComponent, StatusDefinition, StatusPageAnswer } from "@/api/types";
import { Section } from "@/components/PageFrame";
import { Refused } from "@/components/State";
import pageClasses from "./StatusPage.module.css";
import classes from "./Uptime.module.css";

interface Edited extends StatusComponent {
  key: number;
}

/** The page's title, place and components; what is watched for each. */
export function DefinitionForm({ definition, onDone }: { definition: StatusDefinition; onDone: () => void }) {
  const [page, setPage] = useState({ ...definition, path: definition.path ?? "/status" });
  const keys = useRef(0);
  const keyed = (one: StatusComponent): Edited => ({ ...one, key: keys.current++ });
  const [components, setComponents] = useState<readonly Edited[]>(() => (definition.components ?? []).map(keyed));
  const probes = useApi<ProbeList>("probes");
  const heartbeats = useApi<HeartbeatList>("heartbeats");
  const save = useChange<StatusDefinition, StatusPageAnswer>(
    (body) => ({ path: "status-page", method: "PUT", body }),
    ["status-page"],
  );
  const put = (key: number, part: Partial<StatusComponent>) =>
    setComponents(components.map((one) => (one.key === key ? { ...one, ...part } : one)));
  function submit(event: FormEvent) {
    event.preventDefault();
    const listed = components.map(({ key, ...one }) => {
      void key;
      return one;
    });
    save.mutate({ ...page, components: listed }, { onSuccess: onDone });
  }
  const known = {
    probes: (probes.data?.probes ?? []).map((one) => one.name),
    heartbeats: [...new Set((heartbeats.data?.heartbeats ?? []).map((one) => one.name))],
  };
  return (
    <form onSubmit={submit} className={`${classes.form} ${pageClasses.narrow}`}>
      <TextInput
        label="Title"
        required
        value={page.title}
        onChange={(event) => setPage({ ...page, title: event.currentTarget.value })}
      />
      <TextInput
        label="Description"
        value={page.description ?? ""}
        onChange={(event) => setPage({ ...page, description: event.currentTarget.value })}
      />
      <div className={classes.pair}>
        <TextInput
          label="Path"
          required
          value={page.path}
          onChange={(event) => setPage({ ...page, path: event.currentTarget.value })}
        />
        <TextInput
          label="Own host"
          placeholder="status.example.com"
          value={page.host ?? ""}
          onChange={(event) => setPage({ ...page, host: event.currentTarget.value })}
        />
      </div>
      <Checkbox
        label="The public can subscribe by mail"
        description="Where global of alertmanager.yml has a mail server"
        checked={page.subscribe_by_mail ?? true}
        onChange={(event) => setPage({ ...page, subscribe_by_mail: event.currentTarget.checked })}
      />
      <Section title="Components" aside="the public sees their names, and never those of probes">
        {components.map((one, at) => (
          <fieldset key={one.key} className={pageClasses.parts} style={{ border: 0, margin: 0 }}>
            <legend className="visually-hidden">Component {at + 1}</legend>
            <TextInput
              label="Name"
              required
              value={one.name}
              onChange={(event) => put(one.key, { name: event.currentTarget.value })}
            />
            <TextInput
              label="Group"
              value={one.group ?? ""}
              onChange={(event) => put(one.key, { group: event.currentTarget.value })}
            />
            <CloseButton
              aria-label={`Remove component ${one.name || at + 1}`}
              onClick={() => setComponents(components.filter(({ key }) => key !== one.key))}
            />
            <Watched
              what="Probes"
              known={known.probes}
              value={one.probes}
              onChange={(next) => put(one.key, { probes: next })}
            />
            <Watched
              what="Heartbeats"
              known={known.heartbeats}
              value={one.heartbeats}
              onChange={(next) => put(one.key, { heartbeats: next })}
            />
          </fieldset>
        ))}
        <Button mt="sm" variant="default" onClick={() => setComponents([...components, keyed({ name: "" })])}>
          Add component
        </Button>
      </Section>
      <Refused error={save.error} />
      <Button type="submit" loading={save.isPending} style={{ alignSelf: "flex-start" }}>
        Save status page
      </Button>
    </form>
  );
}

function Watched({
  what,
  known,
  value = [],
  onChange,
}: {
  what: string;
  known: readonly string[];
  value?: string[];
  onChange: (value: string[]) => void;
}) {
  return (
    <MultiSelect
      size="xs"
      label={what}
      searchable
      hidePickedOptions
      data={[...new Set([...known, ...value])]}
      value={value}
      onChange={onChange}
      nothingFoundMessage="There is none of this name"
    />
  );
}
