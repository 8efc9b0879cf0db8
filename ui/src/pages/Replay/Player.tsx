import { ActionIcon, Checkbox, Select, Tooltip } from "@mantine/core";
import {
  IconPlayerPauseFilled,
  IconPlayerPlayFilled,
  IconRewindBackward5,
  IconRewindForward5,
} from "@tabler/icons-react";
import { useSearch } from "@tanstack/react-router";
import { useEffect, useMemo, useRef } from "react";
import type { ReplayDetail } from "@/api/types";
import { Notice } from "@/components/State";
import { momentsOf } from "@/model/replay/moments";
import { formatOffset, type Recording } from "@/model/replay/recording";
import { useSearchChange } from "@/state/useOpened";
import { Moments } from "./Moments";
import classes from "./Replay.module.css";
import { Stage } from "./Stage";
import { Timeline } from "./Timeline";
import type { ReplaySearch } from "./url";
import { type Playback, SPEEDS, usePlayback } from "./usePlayback";

const STEP_MS = 5000;

/** What is seen and what happened, on one line of time. Loaded when a replay is opened: the player is large. */
export function Player({ detail, recording }: { detail: ReplayDetail; recording: Recording }) {
  const search = useSearch({ strict: false }) as ReplaySearch;
  const change = useSearchChange<ReplaySearch>();
  const root = useRef<HTMLDivElement>(null);
  const playback = usePlayback(root, recording, beginningOf(search, recording));
  const { atMs, playing } = playback;
  const { moments, cut } = useMemo(
    () => momentsOf(recording.said, detail.errors, detail.traces, recording.beginMs),
    [recording, detail],
  );
  useEffect(() => {
    // Where it stands still can be sent to somebody.
    if (playing) return;
    const timer = setTimeout(() => change({ t: Math.round(atMs / 100) / 10 || undefined, at: undefined }, true), 300);
    return () => clearTimeout(timer);
  }, [atMs, playing, change]);
  usePlayerKeys(playback);
  return (
    <div className={classes.columns}>
      <div className={classes.left}>
        {recording.frames.length > 0 ? (
          <Stage root={root} recording={recording} />
        ) : (
          <Notice tone="warning">
            There is nothing to play: the first part of this recording, with the whole page in it, did not come. What
            was said beside it is listed.
          </Notice>
        )}
        <Timeline
          moments={moments}
          gaps={recording.gaps}
          atMs={atMs}
          lengthMs={recording.lengthMs}
          onSeek={playback.seek}
        />
        <Controls playback={playback} lengthMs={recording.lengthMs} />
      </div>
      <div className={classes.right}>
        {cut && <Notice>This replay says very much: its first lines are listed.</Notice>}
        <Moments
          moments={moments}
          atMs={atMs}
          playing={playing}
          list={search.list ?? "all"}
          find={search.find ?? ""}
          onList={(list) => change({ list: list === "all" ? undefined : list }, true)}
          onFind={(find) => change({ find: find || undefined }, true)}
          onSeek={playback.seek}
        />
      </div>
    </div>
  );
}

function beginningOf(search: ReplaySearch, recording: Recording): number {
  if (search.t !== undefined) return search.t * 1000;
  const at = search.at === undefined ? Number.NaN : Date.parse(search.at);
  return Number.isNaN(at) ? 0 : Math.max(0, at - recording.beginMs);
}

function Controls({ playback, lengthMs }: { playback: Playback; lengthMs: number }) {
  const { atMs, playing, speed, skipsIdle } = playback;
  const Icon = playing ? IconPlayerPauseFilled : IconPlayerPlayFilled;
  return (
    <div className={classes.controls}>
      <Tooltip label={playing ? "Pause (space)" : "Play (space)"}>
        <ActionIcon variant="filled" size={34} onClick={playback.toggle} aria-label={playing ? "Pause" : "Play"}>
          <Icon size={18} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label="5 s back (←)">
        <ActionIcon
          variant="subtle"
          color="gray"
          size={34}
          onClick={() => playback.seek(atMs - STEP_MS)}
          aria-label="5 seconds back"
        >
          <IconRewindBackward5 size={18} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label="5 s on (→)">
        <ActionIcon
          variant="subtle"
          color="gray"
          size={34}
          onClick={() => playback.seek(atMs + STEP_MS)}
          aria-label="5 seconds on"
        >
          <IconRewindForward5 size={18} />
        </ActionIcon>
      </Tooltip>
      <span className={classes.clock}>
        {formatOffset(atMs)} <span className="soft">/ {formatOffset(lengthMs)}</span>
      </span>
      <span className={classes.grow} />
      <Checkbox
        size="xs"
        label="Skip inactivity"
        checked={skipsIdle}
        onChange={(event) => playback.setSkipsIdle(event.currentTarget.checked)}
      />
      <Select
        w={76}
        aria-label="Speed"
        allowDeselect={false}
        value={String(speed)}
        onChange={(value) => value && playback.setSpeed(Number(value))}
        data={SPEEDS.map((one) => ({ value: String(one), label: `${one}×` }))}
      />
    </div>
  );
}

/** Space plays, arrows go five seconds, wherever nothing else wants these keys. */
function usePlayerKeys(playback: Playback): void {
  const latest = useRef(playback);
  latest.current = playback;
  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      const target = event.target instanceof HTMLElement ? event.target : null;
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (document.querySelector("[role=dialog]") || target?.closest("input, textarea, [role=combobox]")) return;
      const { toggle, seek, atMs } = latest.current;
      if (event.key === " ") {
        if (target?.closest("a, button, summary")) return;
        toggle();
      } else if (event.key === "ArrowLeft") seek(atMs - STEP_MS);
      else if (event.key === "ArrowRight") seek(atMs + STEP_MS);
      else return;
      event.preventDefault();
    }
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
}
