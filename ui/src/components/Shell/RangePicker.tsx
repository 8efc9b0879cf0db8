import { ActionIcon, Button, Popover, SegmentedControl, TextInput } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { IconChevronLeft, IconChevronRight, IconClock } from "@tabler/icons-react";
import { useState } from "react";
import { absoluteRange, PRESETS, resolveRange, resolveTime, shift } from "@/model/range";
import { describeRange, readTime, writeTime } from "@/model/rangeText";
import { setPreference, usePreferences } from "@/state/preferences";
import { useScope } from "@/state/scope";
import classes from "./RangePicker.module.css";

export function RangePicker({ open, setOpen }: { open: boolean; setOpen: (open: boolean) => void }) {
  const { range, setRange } = useScope();
  const { zone } = usePreferences();
  return (
    <div className={classes.picker}>
      <ActionIcon
        variant="default"
        size={30}
        visibleFrom="md"
        aria-label="The same length before"
        title="The same length before"
        onClick={() => setRange(shift(range, -1, Date.now()))}
      >
        <IconChevronLeft size={16} />
      </ActionIcon>
      <Popover opened={open} onChange={setOpen} position="bottom-end" trapFocus returnFocus>
        <Popover.Target>
          <Button variant="default" leftSection={<IconClock size={15} stroke={1.6} />} onClick={() => setOpen(!open)}>
            {describeRange(range, zone)}
          </Button>
        </Popover.Target>
        <Popover.Dropdown aria-label="Time range">
          <Choices key={`${range.start} ${range.end} ${zone}`} close={() => setOpen(false)} />
        </Popover.Dropdown>
      </Popover>
      <ActionIcon
        variant="default"
        size={30}
        visibleFrom="md"
        aria-label="The same length after"
        title="The same length after"
        onClick={() => setRange(shift(range, 1, Date.now()))}
      >
        <IconChevronRight size={16} />
      </ActionIcon>
    </div>
  );
}

function Choices({ close }: { close: () => void }) {
  const { range, setRange } = useScope();
  const { zone } = usePreferences();
  const [start, setStart] = useState(() => writeTime(range.start, zone));
  const [end, setEnd] = useState(() => writeTime(range.end, zone));
  const clipboard = useClipboard();
  const now = Date.now();
  const from = readTime(start, zone);
  const to = readTime(end, zone);
  const fromMs = from === null ? null : resolveTime(from, now);
  const toMs = to === null ? null : resolveTime(to, now);
  const backwards = fromMs !== null && toMs !== null && fromMs >= toMs;

  function copyLink() {
    const { startMs, endMs } = resolveRange(range, Date.now());
    const frozen = absoluteRange(startMs, endMs);
    const url = new URL(window.location.href);
    url.searchParams.set("start", frozen.start);
    url.searchParams.set("end", frozen.end);
    clipboard.copy(url.toString());
    notifications.show({ message: "Copied a link that stays at this time" });
    close();
  }

  return (
    <div className={classes.choices}>
      <div className={classes.presets}>
        {PRESETS.map((preset) => (
          <button
            key={preset.start}
            type="button"
            aria-pressed={range.start === preset.start && range.end === "now"}
            onClick={() => {
              setRange({ start: preset.start, end: "now" });
              close();
            }}
          >
            {preset.label}
          </button>
        ))}
      </div>
      <form
        className={classes.exact}
        onSubmit={(event) => {
          event.preventDefault();
          if (from === null || to === null || backwards) return;
          setRange({ start: from, end: to });
          close();
        }}
      >
        <TextInput
          label="From"
          value={start}
          onChange={(event) => setStart(event.currentTarget.value)}
          error={from === null ? "Expected 2026-11-20 22:57 or now-2h" : undefined}
        />
        <TextInput
          label="To"
          value={end}
          onChange={(event) => setEnd(event.currentTarget.value)}
          error={to === null ? "Expected 2026-11-20 23:57 or now" : backwards ? "Ends before it starts" : undefined}
        />
        <SegmentedControl
          aria-label="Time zone"
          value={zone}
          onChange={(next) => setPreference("zone", next === "utc" ? "utc" : "local")}
          data={[
            { value: "local", label: "Local time" },
            { value: "utc", label: "UTC" },
          ]}
        />
        <div className="row">
          <Button type="submit" disabled={from === null || to === null || backwards}>
            Apply
          </Button>
          <Button variant="default" onClick={copyLink}>
            Copy frozen link
          </Button>
        </div>
      </form>
    </div>
  );
}
