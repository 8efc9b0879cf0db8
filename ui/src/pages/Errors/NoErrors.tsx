import { Dsn } from "@/components/Dsn";
import { Empty, LookFurther } from "@/components/State";
import classes from "./Errors.module.css";

/** No error ever came: how to send some. */
export function NoErrors() {
  return (
    <div className={classes.none}>
      <Empty title="No errors yet" action={<LookFurther />}>
        Point the DSN of a Sentry SDK here, or record exceptions with OpenTelemetry or Midwatch’s SDK: what belongs
        together becomes one issue.
      </Empty>
      <Dsn />
    </div>
  );
}
