import type { EventDetail } from "@/api/types";
import { formatBytes, formatExact } from "@/lib/format";
import classes from "./Issue.module.css";

/** Files that came with the event, to be saved. */
export function Attachments({ found }: { found: EventDetail }) {
  const { attachments, facts } = found;
  if (attachments.length === 0) return null;
  return (
    <section aria-label="Attachments">
      <h3>Attachments</h3>
      <ul className={classes.links}>
        {attachments.map((one) => (
          <li key={one.place}>
            <a href={`/api/v1/errors/attachments/${facts.event_id}/${one.place}`} download={one.name}>
              {one.name}
            </a>
            <span className="soft small" title={`${formatExact(one.size_bytes)} bytes`}>
              {[formatBytes(one.size_bytes), one.content_type].filter(Boolean).join(", ")}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
