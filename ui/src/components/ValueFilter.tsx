import { Button, Checkbox, Popover, TextInput } from "@mantine/core";
import { IconChevronDown } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { formatCount, formatExact } from "@/lib/format";

export interface FilterValue {
  value: string;
  label?: string;
  count?: number;
}

/** One filter of a list: several of its values can be chosen, and others typed where not all are known. */
export function ValueFilter(props: {
  label: string;
  chosen: readonly string[];
  values: readonly FilterValue[];
  onChange: (chosen: string[] | undefined) => void;
  /** It is opened: values may be looked for now. */
  onOpen?: () => void;
  typed?: boolean;
}) {
  const { label, chosen, values, onChange, onOpen, typed = false } = props;
  const [text, setText] = useState("");
  const known = new Set(values.map((one) => one.value));
  const shown: FilterValue[] = [
    ...values,
    ...chosen.filter((one) => !known.has(one)).map((value): FilterValue => ({ value })),
  ];
  const put = (next: readonly string[]) => onChange(next.length > 0 ? [...next] : undefined);
  function add(event: FormEvent) {
    event.preventDefault();
    const value = text.trim();
    if (value && !chosen.includes(value)) put([...chosen, value]);
    setText("");
  }
  const [first = ""] = chosen;
  const named = shown.find((one) => one.value === first)?.label ?? first;
  return (
    <Popover position="bottom-start" trapFocus {...(onOpen ? { onOpen } : {})}>
      <Popover.Target>
        <Button
          variant={chosen.length > 0 ? "light" : "default"}
          rightSection={<IconChevronDown size={12} aria-hidden />}
          maw={220}
        >
          {chosen.length === 0 ? label : `${label}: ${chosen.length === 1 ? named : chosen.length}`}
        </Button>
      </Popover.Target>
      <Popover.Dropdown mah="60vh" maw={320} style={{ overflowY: "auto" }}>
        {shown.length === 0 && <p className="soft small">None was seen in this time range.</p>}
        {shown.map((one) => (
          <Checkbox
            key={one.value}
            size="xs"
            mb={6}
            label={
              <>
                {one.label ?? one.value}{" "}
                {one.count !== undefined && (
                  <span className="soft num" title={formatExact(one.count)}>
                    {formatCount(one.count)}
                  </span>
                )}
              </>
            }
            checked={chosen.includes(one.value)}
            onChange={(event) =>
              put(event.currentTarget.checked ? [...chosen, one.value] : chosen.filter((other) => other !== one.value))
            }
          />
        ))}
        {typed && (
          <form onSubmit={add}>
            <TextInput
              aria-label={`Another ${label.toLowerCase()}`}
              placeholder="Another, then Enter"
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
            />
          </form>
        )}
        {chosen.length > 0 && (
          <Button variant="subtle" size="compact-xs" mt={4} onClick={() => put([])}>
            Any
          </Button>
        )}
      </Popover.Dropdown>
    </Popover>
  );
}
