import { Button, Modal } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { LIVE_MS, useApi } from "@/api/queries";
import type { HeartbeatList, HeartbeatSummary } from "@/api/types";
import { HealthMark } from "@/components/HealthMark";
import { ListBar, StateFilter, WordFilter } from "@/components/ListBar";
import { LongTable } from "@/components/LongTable";
import { OpenedPage } from "@/components/Opened";
import { Loaded, NoneOfThese } from "@/components/State";
import { RelativeTime } from "@/components/Time";
import { formatSeconds } from "@/lib/format";
import {
  CONDITION_WORD,
  conditionHealth,
  counted,
  filterOf,
  HEARTBEAT_FILTERS,
  scheduleText,
  shownHeartbeats,
} from "@/model/uptime";
import { useMayEdit } from "@/state/role";
import { useOpened, useSearchChange } from "@/state/useOpened";
import { NoHeartbeats } from "./Empties";
import { HeartbeatDetail } from "./HeartbeatDetail";
import { HeartbeatForm } from "./HeartbeatForm";
import classes from "./Uptime.module.css";
import type { HeartbeatsSearch } from "./url";
import { UptimeViews } from "./UptimeViews";

const NONE: readonly HeartbeatSummary[] = [];
const COLUMNS = [
  { label: "State" },
  { label: "Heartbeat" },
  { label: "Expected", wideOnly: true },
  { label: "Last sign" },
  { label: "Next", wideOnly: true },
  { label: "Took", numeric: true, wideOnly: true },
];
const WORDS = { unwell: "Not well", well: "Well", new: "New" };

/** Who is to give signs of life, and how they are; it asks again by itself, live or not. */
export function Heartbeats() {
  const { state, filter = "" } = useSearch({ strict: false }) as HeartbeatsSearch;
  const change = useSearchChange<HeartbeatsSearch>();
  const query = useApi<HeartbeatList>("heartbeats", {}, { everyMs: LIVE_MS });
  const [adding, { open: add, close }] = useDisclosure(false);
  const mayEdit = useMayEdit();
  const all = query.data?.heartbeats ?? NONE;
  const rows = useMemo(() => shownHeartbeats(all, state, filter), [all, state, filter]);
  const counts = useMemo(() => counted(all, HEARTBEAT_FILTERS, filterOf), [all]);
  const opened = useOpened(useMemo(() => rows.map((one) => one.id), [rows]));
  const name = all.find((one) => one.id === opened.id)?.name ?? "Heartbeat";
  return (
    <OpenedPage
      opened={opened}
      title="Heartbeats"
      heading="Uptime"
      actions={
        mayEdit &&
        all.length > 0 && (
          <Button variant="default" onClick={add}>
            Add heartbeat
          </Button>
        )
      }
      name={name}
      detail={opened.id !== undefined && <HeartbeatDetail key={opened.id} id={opened.id} onGone={opened.close} />}
    >
      <UptimeViews />
      <Loaded
        query={query}
        what="the heartbeats"
        empty={(data) => data.heartbeats.length === 0 && <NoHeartbeats onAdd={mayEdit ? add : undefined} />}
      >
        {(data) => (
          <>
            <ListBar>
              <StateFilter
                states={HEARTBEAT_FILTERS}
                words={WORDS}
                counts={counts}
                total={data.heartbeats.length}
                value={state}
                onChange={(next) => change({ state: next })}
              />
              <WordFilter
                what="heartbeats"
                hint="Name, environment or state"
                value={filter}
                onChange={(words) => change({ filter: words }, true)}
              />
            </ListBar>
            {rows.length === 0 ? (
              <NoneOfThese what="heartbeats" onAll={() => change({ state: undefined, filter: undefined })} />
            ) : (
              <LongTable
                label="Heartbeats"
                what={["heartbeat", "heartbeats"]}
                items={rows}
                columns={COLUMNS}
                current={opened.at}
                row={(one) => (
                  <Row
                    key={one.id}
                    heartbeat={one}
                    current={one.id === opened.current}
                    onOpen={() => opened.open(one.id)}
                  />
                )}
              />
            )}
          </>
        )}
      </Loaded>
      <Modal opened={adding} onClose={close} title="Add heartbeat" closeButtonProps={{ "aria-label": "Close" }}>
        <HeartbeatForm
          onDone={(made) => {
            close();
            opened.open(made.id);
          }}
        />
      </Modal>
    </OpenedPage>
  );
}

function Row({ heartbeat, current, onOpen }: { heartbeat: HeartbeatSummary; current: boolean; onOpen: () => void }) {
  const { name, environment, condition, reason, description, schedule, runs, overlapping } = heartbeat;
  const health = conditionHealth(heartbeat);
  const under = health === "bad" || health === "warning" ? reason : description;
  return (
    <tr className={classes.row} data-current={current} onClick={onOpen}>
      <td>
        <HealthMark health={health} word={CONDITION_WORD[condition]} />
      </td>
      <td className={classes.name}>
        <button type="button" className="row-open truncate" title={name}>
          {name}
          {environment && <span className="soft small"> {environment}</span>}
          {overlapping && <span className="small warning"> {runs.length} runs at once</span>}
        </button>
        {under && (
          <p
            className={`row-under truncate ${health === "bad" || health === "warning" ? health : "soft"}`}
            title={under}
          >
            {under}
          </p>
        )}
      </td>
      <td className="wide-only soft">{scheduleText(schedule)}</td>
      <td>
        <RelativeTime time={heartbeat.last} />
      </td>
      <td className="wide-only">
        {heartbeat.expected ? <RelativeTime time={heartbeat.expected} /> : <span className="soft">–</span>}
      </td>
      <td className="num wide-only">{formatSeconds(heartbeat.last_seconds)}</td>
    </tr>
  );
}
