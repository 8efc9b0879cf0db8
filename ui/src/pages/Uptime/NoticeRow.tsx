import { Badge, Button, Modal } from "@mantine/core";
import { useState } from "react";
import { useChange } from "@/api/queries";
import type { StatusNotice } from "@/api/types";
import { HealthMark } from "@/components/HealthMark";
import { RelativeTime } from "@/components/Time";
import type { Health } from "@/model/red";
import { type Impact, isOver, lastStatus, mailsText, type NoticeStatus, STATUS_WORD } from "@/model/statusPage";
import { Confirm } from "@/components/Confirm";
import { Refused } from "@/components/State";
import { UpdateForm } from "./NoticeForm";
import classes from "./StatusPage.module.css";

const IMPACT_HEALTH: Record<Impact, Health> = { none: "idle", minor: "warning", major: "bad", critical: "bad" };

/** An incident or maintenance with everything that was told of it, and what one can do. */
export function NoticeRow({ notice, mayEdit }: { notice: StatusNotice; mayEdit: boolean }) {
  const [telling, setTelling] = useState<NoticeStatus | "next" | null>(null);
  const remove = useChange<string>((id) => ({ path: `status-page/notices/${id}`, method: "DELETE" }), ["status-page"]);
  const { kind, title, impact, status, components, updates, starts, ends, mails } = notice;
  const over = isOver(notice);
  const health = over ? "good" : kind === "maintenance" ? "idle" : IMPACT_HEALTH[impact];
  return (
    <article className={classes.notice}>
      <div className="spread">
        <div className="row" style={{ flexWrap: "wrap" }}>
          <HealthMark health={health} word={STATUS_WORD[status]} />
          <h3>{title}</h3>
          {kind === "incident" && impact !== "none" && <span className="small soft">{impact}</span>}
          {components.map((one) => (
            <Badge key={one} variant="default" size="sm" tt="none" fw={400}>
              {one}
            </Badge>
          ))}
        </div>
        {mayEdit && (
          <span className="row">
            {!over && (
              <>
                <Button size="compact-xs" variant="default" onClick={() => setTelling("next")}>
                  Update
                </Button>
                <Button size="compact-xs" variant="default" onClick={() => setTelling(lastStatus(kind))}>
                  {kind === "incident" ? "Resolve incident" : "Complete maintenance"}
                </Button>
              </>
            )}
            <Confirm
              act={kind === "incident" ? "Delete incident" : "Delete maintenance"}
              what={`“${title}” and its ${updates.length} updates will be gone from the page and its history.`}
              busy={remove.isPending}
              onConfirm={() => remove.mutate(notice.id)}
            />
          </span>
        )}
      </div>
      <Refused error={remove.error} />
      <p className="small soft" style={{ margin: "4px 0 0" }}>
        {new Date(starts).getTime() > Date.now() ? "begins " : "began "}
        <RelativeTime time={starts} />
        {ends && (
          <>
            , {over ? "ended " : "to end "}
            <RelativeTime time={ends} />
          </>
        )}
        {mails && ` · ${mailsText(mails)}`}
      </p>
      <ol className={classes.updates}>
        {updates.map((one) => (
          <li key={`${one.at} ${one.status} ${one.text}`}>
            <p>{one.text}</p>
            <span className="small soft">
              {STATUS_WORD[one.status]}, <RelativeTime time={one.at} />, by {one.by}
            </span>
          </li>
        ))}
      </ol>
      <Modal
        opened={telling !== null}
        onClose={() => setTelling(null)}
        title={title}
        closeButtonProps={{ "aria-label": "Close" }}
      >
        {telling !== null && (
          <UpdateForm
            notice={notice}
            status={telling === "next" ? undefined : telling}
            onDone={() => setTelling(null)}
          />
        )}
      </Modal>
    </article>
  );
}
