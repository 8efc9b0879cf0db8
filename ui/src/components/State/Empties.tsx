import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { CodeBlock } from "../CopyId";
import { LookFurther } from "./LookFurther";
import { Empty } from "./State";
import classes from "./State.module.css";

/** A list has some, but none that was asked for of it. */
export function NoneOfThese({ what, onAll, children }: { what: string; onAll: () => void; children?: ReactNode }) {
  return (
    <Empty
      title={`No ${what} here`}
      action={
        <Button variant="default" onClick={onAll}>
          Show all {what}
        </Button>
      }
    >
      {children ?? "None is in this state and has these words."}
    </Empty>
  );
}

/** The time range may have some, but none that is as filtered for. `more`: what else can be done, before the rest. */
export function NothingMatches(props: { what: string; onClear: () => void; more?: ReactNode; children?: ReactNode }) {
  return (
    <Empty
      title={`No ${props.what} here`}
      action={
        <span className="row" style={{ flexWrap: "wrap", justifyContent: "center" }}>
          {props.more}
          <LookFurther />
          <Button variant="default" onClick={props.onClear}>
            Clear the filters
          </Button>
        </span>
      }
    >
      {props.children ?? "Nothing matches in this time range: widen it, or take out a filter."}
    </Empty>
  );
}

/** The way to the page that says how something comes here. */
export function HowToSend() {
  return (
    <Button component={Link} to="/send-data" variant="default">
      Show how to send data
    </Button>
  );
}

/** What to write, among the words of an empty state. */
export function Snippet({ code, label }: { code: string; label: string }) {
  return (
    <div className={classes.snippet}>
      <CodeBlock code={code} label={label} />
    </div>
  );
}

/** After what to write into the plan: how it comes in force. */
export function InForce() {
  return (
    <>
      Then put it in force:
      <Snippet code="midwatch apply" label="the command" />
    </>
  );
}
