import { HealthMark } from "@/components/HealthMark";
import { stateHealth } from "@/model/notifications";

/** How a notification fares. */
export function StateMark({ state }: { state: string }) {
  return (
    <span className="small" style={{ display: "inline-flex", verticalAlign: "bottom" }}>
      <HealthMark health={stateHealth(state)} word={state} size={14} />
    </span>
  );
}
