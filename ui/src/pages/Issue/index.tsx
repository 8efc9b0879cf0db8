import { Button } from "@mantine/core";
import { Link, Navigate, useParams } from "@tanstack/react-router";
import { useApi, useScopedApi } from "@/api/queries";
import type { EventDetail, IssueDetail } from "@/api/types";
import { PageFrame } from "@/components/PageFrame";
import { Empty, Loaded } from "@/components/State";
import { IssueView } from "./IssueView";

/** One issue alone on the page. */
export function Issue() {
  const { id } = useParams({ strict: false }) as { id: string };
  const known = /^\d{1,15}$/.test(id);
  const query = useScopedApi<IssueDetail>(`issues/${id}`, {}, { enabled: known });
  return (
    <PageFrame
      title={query.data?.issue.title ?? "Issue"}
      heading={`Issue ${id}`}
      actions={
        <Button component={Link} to="/errors" variant="default">
          Back to the list
        </Button>
      }
    >
      {known ? (
        <IssueView key={id} id={Number(id)} />
      ) : (
        <Empty title="Cannot find the issue">Issues have a number.</Empty>
      )}
    </PageFrame>
  );
}

/** An event by its id, whenever it was: leads to its issue. */
export function EventPage() {
  const { eventId } = useParams({ strict: false }) as { eventId: string };
  const query = useApi<EventDetail>(`errors/events/${encodeURIComponent(eventId)}`, {}, { staleMs: 60_000 });
  return (
    <PageFrame title="Event">
      <Loaded query={query} what={`the event ${eventId}`}>
        {({ issue_id: issueId, facts }) =>
          issueId === null ? (
            <Empty
              title="The issue of this event is not known yet"
              action={
                <Button variant="default" onClick={() => void query.refetch()}>
                  Look again
                </Button>
              }
            >
              It is grouped within a few seconds after it came.
            </Empty>
          ) : (
            <Navigate
              to="/errors/$id"
              params={{ id: String(issueId) } as never}
              search={{ event: facts.event_id } as never}
              replace
            />
          )
        }
      </Loaded>
    </PageFrame>
  );
}
