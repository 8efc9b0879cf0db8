import { ActionIcon, Select, TextInput } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconPlus, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import type { BoardRow } from "@/api/types";
import { plural } from "@/lib/format";
import { canShift, withoutHeading, withoutRow, withRow, withShiftedRow } from "@/model/board/rows";
import classes from "../Dashboard.module.css";
import type { Arranging } from "../Row";
import { Asking } from "./Asking";

/** No name of a variable. */
const NOTHING = "-";

/** A row's title, what it is repeated for, its place, and its end. */
export function RowTools({
  row,
  at,
  shown,
  board,
  onChange,
  onAdd,
}: { row: BoardRow; at: number; shown: string } & Arranging) {
  const [asking, setAsking] = useState(false);
  const count = row.panels?.length ?? 0;
  const repeated = (board.variables ?? []).filter(({ kind }) => kind !== "adhoc");
  const tool = (label: string, Icon: typeof IconPlus, act: () => void, off = false) => (
    <ActionIcon variant="subtle" color="gray" aria-label={label} title={label} disabled={off} onClick={act}>
      <Icon size={15} />
    </ActionIcon>
  );
  return (
    <>
      <Title
        key={row.title}
        shown={shown}
        title={row.title ?? ""}
        onChange={(title) => onChange(withRow(board, at, { title }))}
      />
      {(repeated.length > 0 || row.repeat) && (
        <Select
          w={170}
          aria-label={`${shown} is repeated for`}
          data={[
            { value: NOTHING, label: "Not repeated" },
            ...repeated.map(({ name }) => ({ value: name, label: `For each of $${name}` })),
          ]}
          allowDeselect={false}
          value={row.repeat ?? NOTHING}
          onChange={(name) => onChange(withRow(board, at, { repeat: name === NOTHING ? null : name }))}
        />
      )}
      <span className={classes.rowTools}>
        {tool(`Add a panel to ${shown}`, IconPlus, () => onAdd(at))}
        {tool(`Move ${shown} up`, IconArrowUp, () => onChange(withShiftedRow(board, at, -1)), !canShift(board, at, -1))}
        {tool(
          `Move ${shown} down`,
          IconArrowDown,
          () => onChange(withShiftedRow(board, at, 1)),
          !canShift(board, at, 1),
        )}
        {tool(`Remove ${shown}`, IconTrash, () => (count > 0 ? setAsking(true) : onChange(withoutRow(board, at))))}
      </span>
      {asking && (
        <Asking
          title={`Remove the row "${shown}"?`}
          acts={[
            [`Remove row and ${plural(count, "panel")}`, () => onChange(withoutRow(board, at))],
            ["Remove the heading alone", () => onChange(withoutHeading(board, at))],
          ]}
          onClose={() => setAsking(false)}
        >
          It has {plural(count, "panel")}. Without its heading they go{" "}
          {at > 0 ? "to the row above" : "to the top of the board"}.
        </Asking>
      )}
    </>
  );
}

/** Taken over when one leaves it, or presses Enter. */
function Title(props: { title: string; shown: string; onChange: (title: string) => void }) {
  const [text, setText] = useState(props.title);
  const take = () => text !== props.title && props.onChange(text);
  return (
    <TextInput
      w={220}
      aria-label={`Title of ${props.shown}`}
      placeholder="Row"
      maxLength={500}
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={take}
      onKeyDown={(event) => {
        if (event.key === "Enter") take();
        if (event.key === "Escape") setText(props.title);
      }}
    />
  );
}
