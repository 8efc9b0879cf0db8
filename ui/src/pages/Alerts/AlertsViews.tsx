import { AreaViews } from "@/components/AreaViews";
import { ALERT_VIEWS } from "./views";

/** Above every page of the Alerts area: where one can go in it. */
export function AlertsViews() {
  return <AreaViews label="Alerts" views={ALERT_VIEWS} />;
}
