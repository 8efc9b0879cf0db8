import { Button } from "@mantine/core";
import { type ErrorComponentProps, Link } from "@tanstack/react-router";
import { PageFrame } from "@/components/PageFrame";
import { Empty, Failure } from "@/components/State";

/** The page itself broke; the rest of the frame stays. */
export function PageFailed({ error, reset }: ErrorComponentProps) {
  return (
    <PageFrame title="This page failed">
      <Failure error={error instanceof Error ? error : new Error(String(error))} what="this page" retry={reset} />
    </PageFrame>
  );
}

export function NotFound() {
  return (
    <PageFrame title="Not found" heading="Not found">
      <Empty
        title="Cannot find the page"
        action={
          <Button component={Link} to="/" variant="default">
            Go to Home
          </Button>
        }
      >
        The address may be cut off or from another version of Midwatch.
      </Empty>
    </PageFrame>
  );
}
