import { SegmentedControl, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { formatCount } from "@/lib/format";
import classes from "./ListBar.module.css";

const ALL = "all";

/** Above a list: which of it is shown. A form where what is asked for is sent. */
export function ListBar({ onSubmit, children }: { onSubmit?: () => void; children: ReactNode }) {
  if (!onSubmit) return <div className={classes.bar}>{children}</div>;
  return (
    <form
      className={classes.bar}
      style={{ alignItems: "flex-start" }}
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      {children}
    </form>
  );
}

/** All of a list, or those that are in one state; with how many there are of each, where that is known. */
export function StateFilter<State extends string>(props: {
  label?: string;
  states: readonly State[];
  words: Readonly<Record<State, string>>;
  counts?: Readonly<Record<State, number>>;
  total?: number;
  value: State | undefined;
  onChange: (state: State | undefined) => void;
}) {
  const { states, words, counts, total } = props;
  const labelled = (word: string, count: number | undefined) =>
    count === undefined ? word : `${word} ${formatCount(count)}`;
  return (
    <SegmentedControl
      aria-label={props.label ?? "State"}
      className={classes.states ?? ""}
      value={props.value ?? ALL}
      onChange={(value) => props.onChange(states.find((one) => one === value))}
      data={[
        { value: ALL, label: labelled("All", total) },
        ...states.map((one) => ({ value: one, label: labelled(words[one], counts?.[one]) })),
      ]}
    />
  );
}

/** Words that narrow a list as they are typed; `hint`: where they are looked for. */
export function WordFilter(props: {
  what: string;
  hint: string;
  value: string;
  onChange: (words: string | undefined) => void;
}) {
  return (
    <TextInput
      data-search
      aria-label={`Filter ${props.what}`}
      placeholder={props.hint}
      leftSection={<IconSearch size={14} aria-hidden />}
      value={props.value}
      onChange={(event) => props.onChange(event.currentTarget.value || undefined)}
    />
  );
}
