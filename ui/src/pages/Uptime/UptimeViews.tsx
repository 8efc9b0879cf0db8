import { AreaViews } from "@/components/AreaViews";
import { UPTIME_VIEWS } from "./views";

export function UptimeViews() {
  return <AreaViews label="Uptime" views={UPTIME_VIEWS} />;
}
