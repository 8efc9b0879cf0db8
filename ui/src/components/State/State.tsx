import { Button, Skeleton } from "@mantine/core";
import { IconAlertTriangle, IconInbox, IconInfoCircle } from "@tabler/icons-react";
import type { UseQueryResult } from "@tanstack/react-query";
import { type ReactNode, useEffect, useState } from "react";
import { ApiError } from "@/api/client";
import { capitalized } from "@/lib/format";
import { CopyId } from "../CopyId";
import { LookFurther } from "./LookFurther";
import classes from "./State.module.css";

/** Why there is nothing, and what to do next. */
export function Empty({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className={classes.state}>
      <IconInbox size={28} stroke={1.25} className="soft" aria-hidden />
      <p className={classes.title}>{title}</p>
      {children && <div className={classes.text}>{children}</div>}
      {action}
    </div>
  );
}

/** What failed, whether it is tried again, the request id. */
export function Failure({ error, what, retry }: { error: Error; what: string; retry?: () => void }) {
  const problem = error instanceof ApiError ? error.problem : null;
  const again = error instanceof ApiError && error.passing;
  const missing = error instanceof ApiError && error.status === 404;
  if (missing)
    return (
      <Empty
        title={`Cannot find ${what}`}
        action={
          retry && (
            <span className="row">
              <LookFurther />
              <Button variant="default" onClick={retry}>
                Look again
              </Button>
            </span>
          )
        }
      >
        {sentence(error.message)}
      </Empty>
    );
  return (
    <div className={classes.state} role="alert">
      <IconAlertTriangle size={28} stroke={1.25} className="bad" aria-hidden />
      <p className={classes.title}>Cannot load {what}</p>
      <div className={classes.text}>
        {sentence(error.message)}
        {problem?.expected && problem.expected.length > 0 && <> Expected {problem.expected.join(" or ")}.</>}
        {again && <> It was tried several times.</>}
      </div>
      {problem?.request_id && (
        <div className="small soft">
          Request <CopyId id={problem.request_id} whole label="request id" />
        </div>
      )}
      {retry && (
        <Button variant="default" onClick={retry}>
          Try again
        </Button>
      )}
    </div>
  );
}

/** Why what one did was refused: beside what one did it with. Nothing where it was not. */
export function Refused({ error }: { error: Error | null | undefined }) {
  if (!error) return null;
  const request = error instanceof ApiError ? error.problem.request_id : "";
  return (
    <div role="alert">
      <Notice tone="bad">
        {sentence(error.message)} {request && <CopyId id={request} label="request id" />}
      </Notice>
    </div>
  );
}

/** A line above results: partial answers, cut lists, slow queries. */
export function Notice({
  tone = "info",
  children,
}: {
  tone?: "info" | "warning" | "bad" | "good";
  children: ReactNode;
}) {
  const Icon = tone === "info" || tone === "good" ? IconInfoCircle : IconAlertTriangle;
  return (
    <div className={classes.notice} data-tone={tone}>
      <Icon size={16} aria-hidden />
      <div>{children}</div>
    </div>
  );
}

export function SkeletonRows({ rows = 8, height = 18 }: { rows?: number; height?: number }) {
  return (
    <div className={classes.skeleton} aria-busy="true" role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, at) => (
        <Skeleton key={at} height={height} radius="sm" width={`${95 - ((at * 7) % 30)}%`} />
      ))}
    </div>
  );
}

/** Over a skeleton: what failed and is being tried again; or, after a while, that the answer still is to come. */
export function StillLoading({ failed, what }: { failed: ApiError | null; what: string }) {
  const long = useLong(LONG_MS);
  if (failed)
    return (
      <Notice tone="warning">
        Cannot load {what}: {ended(failed.message)} It is being tried again.
      </Notice>
    );
  return long ? <Notice>Still loading {what} …</Notice> : null;
}

const LONG_MS = 4000;
/** From so many failures in a row on, which is three seconds, whoever sees old data is told. */
const BLIPS = 3;

function useLong(ms: number): boolean {
  const [long, setLong] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), ms);
    return () => clearTimeout(timer);
  }, [ms]);
  return long;
}

/** Above what came before the last questions failed. What is wrong about a search itself stands below its field. */
export function Older({ query }: { query: UseQueryResult<unknown, ApiError> }) {
  const failed = query.error ?? (query.failureCount >= BLIPS ? query.failureReason : null);
  if (query.data === undefined || !failed || failed.problem.code === "bad_query") return null;
  return (
    <Notice tone="warning">
      What you see is older: {ended(failed.message)}{" "}
      {failed.problem.request_id && <CopyId id={failed.problem.request_id} label="request id" />}
    </Notice>
  );
}

/** The usual four: skeleton, failure, empty, content (dimmed while new data comes). */
export function Loaded<T>(props: {
  query: UseQueryResult<T, ApiError>;
  what: string;
  /** The content takes the height that is left. */
  fill?: boolean;
  skeleton?: ReactNode;
  empty?: (data: T) => ReactNode | false;
  children: (data: T) => ReactNode;
}) {
  const { query, what } = props;
  if (query.data === undefined) {
    if (query.isError) return <Failure error={query.error} what={what} retry={() => void query.refetch()} />;
    return (
      <>
        <StillLoading failed={query.failureReason} what={what} />
        {props.skeleton ?? <SkeletonRows />}
      </>
    );
  }
  const empty = props.empty?.(query.data);
  return (
    <>
      <Older query={query} />
      <div
        className={`${query.isPlaceholderData ? "dimmed" : ""} ${props.fill ? "fill" : ""}`}
        aria-busy={query.isFetching}
      >
        {empty || props.children(query.data)}
      </div>
    </>
  );
}

/** What the server says is a part of a sentence: here it stands alone. A field that it begins with stays as it is written. */
function sentence(text: string): string {
  const whole = ended(text);
  return /^[a-z]+ /.test(whole) ? capitalized(whole) : whole;
}

function ended(text: string): string {
  return /[.?!]$/.test(text) ? text : `${text}.`;
}
