import { SegmentedControl, TextInput } from "@mantine/core";
import {
  IconAlertTriangle,
  IconClick,
  IconInfoCircle,
  IconNetwork,
  IconRoute,
  IconTerminal2,
  IconTimeline,
} from "@tabler/icons-react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef, useState } from "react";
import { CodeBlock } from "@/components/CopyId";
import { Go } from "@/components/Go";
import { formatCount, shortId } from "@/lib/format";
import { type Moment, momentAt, type MomentKind } from "@/model/replay/moments";
import { formatMoment } from "@/model/replay/recording";
import classes from "./Replay.module.css";
import { type ListName, LISTS } from "./url";

const LABELS: Record<ListName, string> = { all: "All", console: "Console", network: "Network", error: "Errors" };
const ICONS: Record<MomentKind, typeof IconClick> = {
  error: IconAlertTriangle,
  console: IconTerminal2,
  network: IconNetwork,
  click: IconClick,
  navigation: IconRoute,
  trace: IconTimeline,
  other: IconInfoCircle,
};
const ROW = 31;
const OVERSCAN = 12;
const MORE_CHARACTERS_MAX = 20_000;

/** What happened, beside what is seen: it follows the player, and the player goes where one clicks. */
export function Moments({
  moments,
  atMs,
  playing,
  list,
  find,
  onList,
  onFind,
  onSeek,
}: {
  moments: readonly Moment[];
  atMs: number;
  playing: boolean;
  list: ListName;
  find: string;
  onList: (list: ListName) => void;
  onFind: (find: string) => void;
  onSeek: (ms: number) => void;
}) {
  const wanted = find.trim().toLowerCase();
  const rows = useMemo(
    () =>
      moments.filter(
        (one) =>
          (list === "all" || one.kind === list) &&
          (!wanted || `${one.title} ${one.aside}`.toLowerCase().includes(wanted)),
      ),
    [moments, list, wanted],
  );
  const counts = useMemo(() => {
    const found: Record<string, number> = { all: moments.length };
    for (const one of moments) found[one.kind] = (found[one.kind] ?? 0) + 1;
    return found;
  }, [moments]);
  const current = momentAt(rows, atMs);
  const scroller = useRef<HTMLDivElement>(null);
  const [opened, setOpened] = useState<string>();
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: OVERSCAN,
    getItemKey: (at) => rows[at]?.id ?? at,
  });
  useEffect(() => {
    // Who reads while it stands still is not moved.
    if (playing && current >= 0) virtual.scrollToIndex(current, { align: "center" });
  }, [current, playing, virtual]);
  return (
    <section className={classes.moments} aria-label="What happened">
      <SegmentedControl
        fullWidth
        aria-label="What is listed"
        value={list}
        onChange={(value) => onList(value as ListName)}
        data={LISTS.map((value) => ({ value, label: `${LABELS[value]} ${formatCount(counts[value] ?? 0)}` }))}
      />
      <TextInput
        data-search
        aria-label="Find in this replay"
        placeholder="Find in this replay"
        value={find}
        onChange={(event) => onFind(event.currentTarget.value)}
      />
      <div ref={scroller} className={classes.list} tabIndex={0} role="region" aria-label="Moments">
        {rows.length === 0 && (
          <p className="soft small">
            {wanted ? "Nothing here has these words." : "Nothing of this kind was recorded."}
          </p>
        )}
        <ol style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => {
            const moment = rows[item.index];
            return (
              moment && (
                <li
                  key={item.key}
                  ref={virtual.measureElement}
                  data-index={item.index}
                  data-current={item.index === current}
                  data-ahead={item.index > current}
                  aria-current={item.index === current ? "step" : undefined}
                  style={{ transform: `translateY(${item.start}px)` }}
                >
                  <Row
                    moment={moment}
                    open={moment.id === opened}
                    onOpen={() => {
                      onSeek(moment.atMs);
                      setOpened(moment.id === opened ? undefined : moment.id);
                    }}
                  />
                </li>
              )
            );
          })}
        </ol>
      </div>
    </section>
  );
}

function Row({ moment, open, onOpen }: { moment: Moment; open: boolean; onOpen: () => void }) {
  const Icon = ICONS[moment.kind];
  return (
    <>
      <div className={classes.moment}>
        <button type="button" onClick={onOpen} aria-expanded={moment.more === undefined ? undefined : open}>
          <span className={classes.offset}>{formatMoment(moment.atMs)}</span>
          <Icon size={15} aria-hidden className={moment.tone === "plain" ? "soft" : moment.tone} />
          <span className={open ? classes.whole : "truncate"} title={open ? undefined : moment.title}>
            {moment.title}
          </span>
          <span className={`${moment.tone === "plain" ? "soft" : moment.tone} small ${classes.aside}`}>
            {moment.aside}
          </span>
        </button>
        {moment.eventId && (
          <Go to="/errors/event/$eventId" params={{ eventId: moment.eventId }} className="small">
            issue
          </Go>
        )}
        {moment.traceId && (
          <Go to="/traces/$traceId" params={{ traceId: moment.traceId }} className="mono">
            {shortId(moment.traceId)}
          </Go>
        )}
      </div>
      {open && moment.more !== undefined && (
        <div className={classes.more}>
          <CodeBlock code={written(moment.more)} label="what was recorded" />
        </div>
      )}
    </>
  );
}

function written(value: unknown): string {
  const text = JSON.stringify(value, null, 2) ?? "";
  return text.length > MORE_CHARACTERS_MAX ? `${text.slice(0, MORE_CHARACTERS_MAX)}\n…` : text;
}
