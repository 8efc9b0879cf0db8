import { Checkbox, Chip, Group, SegmentedControl } from "@mantine/core";
import type { StoryAnswer } from "@/api/types";
import { formatExact } from "@/lib/format";
import { LEVELS, LINE_KINDS } from "@/model/story";
import classes from "./Story.module.css";
import type { StorySearch } from "./url";

type Change = (part: StorySearch) => void;

/** How the timeline is drawn. */
export function Ways({ search, change }: { search: StorySearch; change: Change }) {
  return (
    <Group gap="xs">
      <Checkbox
        size="xs"
        label="Every span"
        checked={search.fold === "none"}
        onChange={(event) => change({ fold: event.currentTarget.checked ? "none" : undefined })}
      />
      <SegmentedControl
        aria-label="Order"
        value={search.by ?? "time"}
        data={[
          { value: "time", label: "By time" },
          { value: "service", label: "By service" },
        ]}
        onChange={(value) => change({ by: value === "service" ? "service" : undefined })}
      />
    </Group>
  );
}

/** What of it is drawn. */
export function Filters(props: { story: StoryAnswer; search: StorySearch; change: Change }) {
  const { story, search, change } = props;
  const rows = [
    { name: "kind", of: LINE_KINDS.filter((one) => story.kinds[one]), counts: story.kinds },
    { name: "level", of: LEVELS.filter((one) => story.levels[one]), counts: story.levels },
  ] as const;
  return (
    <div className={classes.filters}>
      {rows.map(({ name, of, counts }) => (
        <Chip.Group
          key={name}
          multiple
          value={[...(search[name] ?? [])]}
          onChange={(value) => change({ [name]: value.length > 0 ? value : undefined })}
        >
          <div className={classes.chips} role="group" aria-label={name}>
            <span className="small soft">{name}</span>
            {of.map((one) => (
              <Chip key={one} value={one} size="xs">
                {one} {formatExact(counts[one] ?? 0)}
              </Chip>
            ))}
          </div>
        </Chip.Group>
      ))}
    </div>
  );
}
