import { SegmentedControl } from "@mantine/core";
import { useSearch } from "@tanstack/react-router";
import { useSearchChange } from "@/state/useOpened";
import { Changes } from "./Changes";
import { Noise } from "./Noise";
import { type AlertHistorySearch, HISTORY_TABS } from "./url";

/** What happened to alerts in the page's time range: change by change, or summed by rule. */
export function AlertHistory() {
  const { tab = "changes" } = useSearch({ strict: false }) as AlertHistorySearch;
  const change = useSearchChange<AlertHistorySearch>();
  const tabs = (
    <SegmentedControl
      aria-label="What of the history"
      value={tab}
      onChange={(value) =>
        change({
          tab: HISTORY_TABS.find((one) => one === value && one !== "changes"),
          open: undefined,
          full: undefined,
        })
      }
      data={[
        { value: "changes", label: "Changes" },
        { value: "noise", label: "Noise by rule" },
      ]}
    />
  );
  return tab === "noise" ? <Noise tabs={tabs} /> : <Changes tabs={tabs} />;
}
