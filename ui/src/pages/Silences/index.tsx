import { Button } from "@mantine/core";
import { IconBellOff } from "@tabler/icons-react";
import { useSearch } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { LIVE_MS, useApi } from "@/api/queries";
import type { SilenceList, SilenceShown } from "@/api/types";
import { ListBar, StateFilter, WordFilter } from "@/components/ListBar";
import { LongTable } from "@/components/LongTable";
import { OpenedPage } from "@/components/Opened";
import { Cut, Empty, Loaded, NoneOfThese } from "@/components/State";
import { RelativeTime } from "@/components/Time";
import { formatExact, NOT_MEASURED } from "@/lib/format";
import { matchersText, SILENCE_STATES, silenceRows } from "@/model/silences";
import { counted } from "@/model/uptime";
import { useMayEdit } from "@/state/role";
import { useOpened, useSearchChange } from "@/state/useOpened";
import { AlertsViews } from "../Alerts/AlertsViews";
import { SilenceForm } from "../Alerts/SilenceForm";
import { SilenceDetail } from "./SilenceDetail";
import { SILENCE_WORD, SilenceMark } from "./SilenceMark";
import classes from "./Silences.module.css";
import type { SilencesSearch } from "./url";

const NONE: readonly SilenceShown[] = [];
const COLUMNS = [
  { label: "State" },
  { label: "Alerts that match" },
  { label: "Hides now", numeric: true, wideOnly: true },
  { label: "By", wideOnly: true },
  { label: "From", wideOnly: true },
  { label: "Until" },
];

/** What hides alerts from everybody: now, later, and until lately. */
export function Silences() {
  const { state, filter = "" } = useSearch({ strict: false }) as SilencesSearch;
  const change = useSearchChange<SilencesSearch>();
  const mayEdit = useMayEdit();
  const [making, setMaking] = useState(false);
  const query = useApi<SilenceList>("silences", {}, { everyMs: LIVE_MS });
  const all = query.data?.silences ?? NONE;
  const rows = useMemo(() => silenceRows(all, state, filter), [all, state, filter]);
  const opened = useOpened(useMemo(() => rows.map((one) => one.id), [rows]));
  const known = all.find((one) => one.id === opened.id);
  return (
    <OpenedPage
      opened={opened}
      title="Silences"
      heading="Alerts"
      name={known?.comment ?? "Silence"}
      detail={opened.id && <SilenceDetail key={opened.id} id={opened.id} onOther={opened.open} />}
      actions={
        mayEdit && (
          <Button variant="default" leftSection={<IconBellOff size={14} aria-hidden />} onClick={() => setMaking(true)}>
            New silence
          </Button>
        )
      }
    >
      <AlertsViews />
      {making && (
        <SilenceForm matchers="" onSaved={(silence) => opened.open(silence.id)} onClose={() => setMaking(false)} />
      )}
      <Loaded query={query} what="the silences" empty={(data) => data.total === 0 && <NoSilences />}>
        {(data) => (
          <>
            <ListBar>
              <StateFilter
                states={SILENCE_STATES}
                words={SILENCE_WORD}
                counts={counted(all, SILENCE_STATES, (one) => one.state)}
                total={all.length}
                value={state}
                onChange={(next) => change({ state: next })}
              />
              <WordFilter
                what="silences"
                hint="Matcher, reason or author"
                value={filter}
                onChange={(words) => change({ filter: words }, true)}
              />
            </ListBar>
            <Cut shown={data.silences.length} total={data.total} what="silences" which="first">
              those that are not over come before all others. End what is not needed any more.
            </Cut>
            {rows.length > 0 ? (
              <LongTable
                label="Silences"
                what={["silence", "silences"]}
                items={rows}
                columns={COLUMNS}
                current={opened.at}
                row={(one) => (
                  <Row
                    key={one.id}
                    silence={one}
                    current={one.id === opened.current}
                    onOpen={() => opened.open(one.id)}
                  />
                )}
              />
            ) : (
              <NoneOfThese what="silences" onAll={() => change({ state: undefined, filter: undefined })} />
            )}
          </>
        )}
      </Loaded>
    </OpenedPage>
  );
}

function Row({ silence, current, onOpen }: { silence: SilenceShown; current: boolean; onOpen: () => void }) {
  const { state, hides } = silence;
  const matchers = matchersText(silence);
  return (
    <tr className={classes.row} data-current={current} data-over={state === "expired"} onClick={onOpen}>
      <td>
        <SilenceMark state={state} />
      </td>
      <td className={classes.name}>
        <button type="button" className="row-open truncate mono" title={matchers}>
          {matchers}
        </button>
        <p className={`${classes.why} soft`}>{silence.comment}</p>
      </td>
      <td className="num wide-only">
        {state === "active" ? (
          formatExact(hides)
        ) : state === "pending" ? (
          <span className="soft" title="What fires now, and it would hide">
            ({formatExact(hides)})
          </span>
        ) : (
          NOT_MEASURED
        )}
      </td>
      <td className={`wide-only ${classes.by}`} title={silence.created_by}>
        {silence.created_by}
      </td>
      <td className="wide-only">
        <RelativeTime time={silence.starts_at} />
      </td>
      <td>
        <RelativeTime time={silence.ends_at} />
      </td>
    </tr>
  );
}

function NoSilences() {
  return (
    <Empty title="No silences">
      A silence hides alerts from everybody for a time: while something is moved, or what is known is mended. It ends by
      itself, and stays listed here for five days.
    </Empty>
  );
}
