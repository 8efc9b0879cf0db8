import { Button, Pill, Select, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { ListBar } from "@/components/ListBar";
import { capitalized } from "@/lib/format";
import { CHANGE_KINDS } from "@/model/alertHistory";
import type { AlertHistorySearch } from "./url";

const KINDS = CHANGE_KINDS.map((kind) => ({ value: kind, label: capitalized(kind) }));
const REMOVE = { "aria-label": "All rules", "aria-hidden": false, tabIndex: 0 };

export function ChangeFilters({
  search,
  mistake,
  onChange,
}: {
  search: AlertHistorySearch;
  /** What the server says is wrong with the matchers. */
  mistake: string | undefined;
  onChange: (part: AlertHistorySearch) => void;
}) {
  const { matchers = "", rule, kind } = search;
  const [text, setText] = useState(matchers);
  useEffect(() => setText(matchers), [matchers]);
  return (
    <ListBar onSubmit={() => onChange({ matchers: text.trim() || undefined })}>
      <TextInput
        data-search
        classNames={{ input: "mono" }}
        aria-label="Alerts that match"
        placeholder={'severity="page", team=~"a|b"'}
        leftSection={<IconSearch size={14} aria-hidden />}
        spellCheck={false}
        autoComplete="off"
        value={text}
        error={mistake}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <Select
        aria-label="Kind of change"
        placeholder="Every change"
        data={KINDS}
        value={kind ?? null}
        clearable
        clearButtonProps={{ "aria-label": "Every change" }}
        w={170}
        onChange={(value) => onChange({ kind: CHANGE_KINDS.find((one) => one === value) })}
      />
      <Button type="submit" variant="default">
        Find
      </Button>
      {rule !== undefined && (
        <Pill
          withRemoveButton
          style={{ alignSelf: "center" }}
          onRemove={() => onChange({ rule: undefined })}
          removeButtonProps={REMOVE}
        >
          Rule {rule}
        </Pill>
      )}
    </ListBar>
  );
}
