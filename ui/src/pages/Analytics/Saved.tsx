import { Button, Select, TextInput } from "@mantine/core";
import { useState } from "react";
import { useApi, useChange } from "@/api/queries";
import type { Funnel, FunnelToSave, SavedFunnel, SavedFunnels } from "@/api/types";
import { Notice } from "@/components/State";
import { WINDOW_DEFAULT, writeRef } from "@/model/analytics";
import { Confirm } from "@/components/Confirm";
import { useMayEdit } from "@/state/role";
import { useSearchChange } from "@/state/useOpened";
import classes from "./Analytics.module.css";
import { ANSWERED, type AnalyticsSearch } from "./url";
import { useFunnel } from "./useFunnel";

const PATH = "analytics/funnels";

/** Funnels that are kept: one opens here, and who may edit keeps the one on the page. */
export function Saved() {
  const query = useApi<SavedFunnels>(PATH);
  const funnel = useFunnel();
  const may = useMayEdit();
  const change = useSearchChange<AnalyticsSearch>();
  const [naming, setNaming] = useState<string | null>(null);
  const save = useChange<FunnelToSave, SavedFunnel>((body) => ({ path: PATH, method: "POST", body }), [PATH]);
  const remove = useChange<string>((id) => ({ path: `${PATH}/${id}`, method: "DELETE" }), [PATH]);
  const all = query.data?.funnels ?? [];
  const current = all.find((one) => same(one.funnel, funnel));
  const open = (id: string | null) => {
    const chosen = all.find((one) => one.id === id);
    if (chosen) change({ ...searchOf(chosen.funnel), ...ANSWERED });
  };
  if (all.length === 0 && (funnel.steps.length === 0 || !may)) return null;
  return (
    <div className={classes.saved}>
      {all.length > 0 && (
        <Select
          aria-label="Saved funnels"
          placeholder="Open a saved funnel"
          searchable
          data={all.map((one) => ({ value: one.id, label: one.name }))}
          value={current?.id ?? null}
          onChange={open}
        />
      )}
      {may && current && (
        <Confirm
          act="Delete funnel"
          what={`“${current.name}” will be gone for everybody. The events stay.`}
          busy={remove.isPending}
          onConfirm={() => remove.mutate(current.id)}
        />
      )}
      {may && !current && funnel.steps.length > 0 && naming === null && (
        <Button variant="default" onClick={() => setNaming("")}>
          Save funnel
        </Button>
      )}
      {naming !== null && (
        <form
          className="row"
          onSubmit={(event) => {
            event.preventDefault();
            save.mutate({ name: naming.trim(), funnel }, { onSuccess: () => setNaming(null) });
          }}
        >
          <TextInput
            aria-label="Name of the funnel"
            placeholder="Registration"
            data-autofocus
            value={naming}
            onChange={(event) => setNaming(event.currentTarget.value)}
          />
          <Button type="submit" disabled={!naming.trim()} loading={save.isPending}>
            Save funnel
          </Button>
          <Button variant="default" onClick={() => setNaming(null)}>
            Cancel
          </Button>
        </form>
      )}
      {(save.error ?? remove.error) && <Notice tone="bad">{(save.error ?? remove.error)?.message}</Notice>}
    </div>
  );
}

function searchOf(funnel: Funnel): AnalyticsSearch {
  return {
    step: funnel.steps.map((one) =>
      writeRef({ source: one.source ?? "events", event: one.event, query: one.query ?? "" }),
    ),
    unit: funnel.unit === "person" ? undefined : funnel.unit,
    window: funnel.window_seconds === WINDOW_DEFAULT ? undefined : funnel.window_seconds,
    by: funnel.breakdown || undefined,
  };
}

function same(one: Funnel, other: Funnel): boolean {
  return JSON.stringify(searchOf(one)) === JSON.stringify(searchOf(other));
}
