import { Button, Textarea } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useChange } from "@/api/queries";
import type { Activity, IssueComment, IssueDetail } from "@/api/types";
import { Go } from "@/components/Go";
import { Refused } from "@/components/State";
import { RelativeTime } from "@/components/Time";
import { activityWords, otherIssues } from "@/model/errors/issue";
import { useIssuesAgain } from "@/pages/Errors/useActs";
import { useMayEdit } from "@/state/role";
import classes from "./Issue.module.css";

/** What happened to the issue, newest first, and what people say of it. */
export function ActivityList({ detail }: { detail: IssueDetail }) {
  const mayEdit = useMayEdit();
  return (
    <>
      {mayEdit && <CommentForm id={detail.issue.id} />}
      <ol className={classes.activity} aria-label="What happened to it">
        {detail.activity.map((one, at) => (
          <Line key={`${one.time} ${at}`} one={one} />
        ))}
      </ol>
    </>
  );
}

function Line({ one }: { one: Activity }) {
  const said = typeof one.data.text === "string" ? one.data.text : "";
  const url = typeof one.data.url === "string" ? one.data.url : "";
  return (
    <li>
      <p>
        <strong>{one.actor || "Midwatch"}</strong> <span>{activityWords(one)}</span>
        {otherIssues(one).map((id) => (
          <span key={id}>
            {" "}
            <Go to="/errors/$id" params={{ id: String(id) }}>
              issue {id}
            </Go>
          </span>
        ))}
        {url && <span className="soft"> {url}</span>}{" "}
        <span className="soft small">
          <RelativeTime time={one.time} />
        </span>
      </p>
      {said && <p className={classes.comment}>{said}</p>}
    </li>
  );
}

function CommentForm({ id }: { id: number }) {
  const again = useIssuesAgain();
  const [text, setText] = useState("");
  const say = useChange<IssueComment>((body) => ({ path: `issues/${id}/comments`, method: "POST", body }), []);
  function send(event: FormEvent) {
    event.preventDefault();
    say.mutate(
      { text: text.trim() },
      {
        onSuccess: () => {
          setText("");
          again();
        },
      },
    );
  }
  return (
    <form onSubmit={send} className={classes.say}>
      <Textarea
        size="xs"
        aria-label="Comment"
        placeholder="What you know of it, or will do"
        autosize
        minRows={2}
        maxLength={10_000}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <Refused error={say.error} />
      <Button type="submit" variant="default" disabled={text.trim() === ""} loading={say.isPending}>
        Comment
      </Button>
    </form>
  );
}
