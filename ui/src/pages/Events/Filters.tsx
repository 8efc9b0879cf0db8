import { Autocomplete, Switch } from "@mantine/core";
import { useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useScopedApi } from "@/api/queries";
import type { EventFacets } from "@/api/types";
import { useScope } from "@/state/scope";
import { useSearchChange } from "@/state/useOpened";
import classes from "./Events.module.css";
import type { EventsSearch } from "./url";

const NONE: readonly string[] = [];

/** By type, entity, actor and correlation id: what there is in the range is suggested. */
export function EventFilters() {
  const search = useSearch({ strict: false }) as EventsSearch;
  const change = useSearchChange<EventsSearch>();
  const facets = useScopedApi<EventFacets>("events/facets");
  const entity = [search.entity, search.entity_id].filter(Boolean).join(":");
  return (
    <div className={classes.filters}>
      <Filter
        label="Type"
        placeholder="linkup.locked"
        value={search.type}
        data={facets.data?.types}
        onChange={(type) => change({ type })}
      />
      <Filter
        label="Entity"
        placeholder="linkup, or linkup:42"
        value={entity}
        data={facets.data?.entities}
        onChange={(text) => {
          const [kind, ...id] = (text ?? "").split(":");
          change({ entity: kind || undefined, entity_id: id.join(":") || undefined });
        }}
      />
      <Filter
        label="Actor"
        placeholder="admin:7"
        value={search.actor}
        data={facets.data?.actors}
        onChange={(actor) => change({ actor })}
      />
      <Filter
        label="Correlation id"
        placeholder="of a request or job"
        value={search.correlation_id}
        onChange={(correlation_id) => change({ correlation_id })}
      />
      <Switch
        className={classes.acts}
        label="Acts only"
        title="Events that somebody did: with an actor"
        checked={search.acts !== undefined}
        onChange={(event) => change({ acts: event.currentTarget.checked ? "yes" : undefined })}
      />
    </div>
  );
}

function Filter(props: {
  label: string;
  placeholder: string;
  value: string | undefined;
  data?: readonly string[] | undefined;
  onChange: (value: string | undefined) => void;
}) {
  return <Field key={props.value ?? ""} {...props} />;
}

function Field({
  label,
  placeholder,
  value = "",
  data = NONE,
  onChange,
}: {
  label: string;
  placeholder: string;
  value: string | undefined;
  data?: readonly string[] | undefined;
  onChange: (value: string | undefined) => void;
}) {
  const [text, setText] = useState(value);
  const put = (next: string) => {
    if (next.trim() !== value) onChange(next.trim() || undefined);
  };
  return (
    <Autocomplete
      size="xs"
      label={label}
      placeholder={placeholder}
      data={[...data]}
      limit={30}
      value={text}
      onChange={setText}
      onOptionSubmit={put}
      onBlur={() => put(text)}
      onKeyDown={(event) => {
        if (event.key === "Enter") put(event.currentTarget.value);
      }}
    />
  );
}

/** The same events as files. */
export function ExportLinks({ params }: { params: Record<string, string> }) {
  const scope = useScope();
  const asked = new URLSearchParams(params);
  for (const [name, value] of Object.entries(scope.params))
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) asked.append(name, String(one));
  return (
    <span className="row">
      Download as{" "}
      {(["csv", "ndjson"] as const).map((format) => (
        <a key={format} href={`/api/v1/events/export?${asked.toString()}&format=${format}`} download>
          {format === "csv" ? "CSV" : "NDJSON"}
        </a>
      ))}
    </span>
  );
}
