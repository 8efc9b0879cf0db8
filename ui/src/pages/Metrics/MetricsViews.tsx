import { AreaViews } from "@/components/AreaViews";
import { METRIC_VIEWS } from "./views";

/** Above every page of the Metrics area: where one can go in it. */
export function MetricsViews() {
  return <AreaViews label="Metrics" views={METRIC_VIEWS} />;
}
