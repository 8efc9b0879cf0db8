import type { AlertEvent } from "@/api/types";
import { Go } from "@/components/Go";
import { LabelTable } from "@/components/LabelTable";
import { AbsoluteTime } from "@/components/Time";
import { plural } from "@/lib/format";
import { eventWords } from "@/model/alerts";
import { reasonWords } from "@/model/notifications";
import classes from "../Alerts/Alerts.module.css";

/** A change of a whole group: what its receiver was told. */
export function GroupChange({ event }: { event: AlertEvent }) {
  const { integration, reason, firing, resolved } = event.details;
  return (
    <div className={classes.detail}>
      <p style={{ marginTop: 0 }}>
        {eventWords(event)} <AbsoluteTime time={event.at} />
      </p>
      <p>
        {typeof integration === "string" && `By ${integration}`}
        {typeof reason === "string" && `: ${reasonWords(reason)}`}
        {typeof firing === "number" && typeof resolved === "number" && (
          <span className="soft">
            {" "}
            ({plural(firing, "alert")} firing, {resolved} resolved)
          </span>
        )}
      </p>
      <div className={classes.links}>
        <Go to="/alerts/notifications" search={{ receiver: event.receiver }}>
          What {event.receiver} was sent
        </Go>
      </div>
      <LabelTable title="Labels of the group" labels={event.labels} />
    </div>
  );
}
