import { SegmentedControl } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import type { View } from "./url";

const VIEWS: { value: View | "targets"; label: string }[] = [
  { value: "chart", label: "Chart" },
  { value: "table", label: "Table" },
  { value: "cardinality", label: "Cardinality" },
  { value: "targets", label: "Targets" },
];

/** The views of metrics, of which the targets have an address of their own. */
export function Views({ value, onView }: { value: View | "targets"; onView: (view: View) => void }) {
  const navigate = useNavigate();
  return (
    <SegmentedControl
      size="xs"
      data={VIEWS}
      value={value}
      aria-label="View"
      onChange={(next) =>
        next === "targets" ? void navigate({ to: "/explore/targets" } as never) : onView(next as View)
      }
    />
  );
}
