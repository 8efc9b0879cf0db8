import { SegmentedControl } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";

const VIEWS = [
  { value: "/uptime", label: "Probes" },
  { value: "/uptime/heartbeats", label: "Heartbeats" },
  { value: "/uptime/status-page", label: "Status page" },
] as const;

/** What looks from outside, each at an address of its own. */
export function UptimeViews({ value }: { value: (typeof VIEWS)[number]["value"] }) {
  const navigate = useNavigate();
  return (
    <SegmentedControl
      size="xs"
      aria-label="View"
      data={[...VIEWS]}
      value={value}
      onChange={(to) => void navigate({ to } as never)}
    />
  );
}
