import type { BoardVariable } from "@/api/types";
import { Notice } from "@/components/State";
import { plural } from "@/lib/format";
import { filtersOf, matchersOf } from "@/model/board/adhoc";
import { interpolate, type Variables } from "@/model/board/interpolation";
import { tooLate } from "@/model/board/variableEdits";
import type { Choice } from "../useVariables";
import classes from "./Edit.module.css";

const SHOWN_MAX = 100;

/** What a variable comes to now: what can be chosen, and what stands in a query for it. */
export function VariablePreview(props: {
  variable: BoardVariable;
  later: readonly BoardVariable[];
  choice: Choice | undefined;
  variables: Variables;
  stale: boolean;
}) {
  const { variable, later, choice, variables, stale } = props;
  const late = tooLate(variable, later);
  return (
    <section className={classes.preview} aria-label="Values now" aria-busy={stale} data-stale={stale}>
      <h2>Values now</h2>
      {late.length > 0 && (
        <Notice tone="warning">
          It asks with ${late.join(", $")}, which {late.length === 1 ? "comes" : "come"} after it: move it below.
        </Notice>
      )}
      {choice?.problem ? (
        <p className={classes.error} role="alert">
          {choice.problem}
        </p>
      ) : (
        <Values variable={variable} choice={choice} variables={variables} />
      )}
    </section>
  );
}

function Values({
  variable,
  choice,
  variables,
}: {
  variable: BoardVariable;
  choice: Choice | undefined;
  variables: Variables;
}) {
  const { kind, name } = variable;
  if (kind === "datasource")
    return (
      <p className="small soft">
        Every data source is Midwatch itself, so there is nothing to choose here. Grafana chooses by it once the board
        is exported.
      </p>
    );
  if (kind === "adhoc") {
    const matchers = matchersOf(filtersOf(variable, undefined));
    return (
      <p className="small soft">
        {matchers ? (
          <>
            Every PromQL query of the board has <code>{matchers}</code> beside its own.
          </>
        ) : (
          "No filter at first; who reads the board adds some, and every PromQL query of the board has them."
        )}
      </p>
    );
  }
  const options = choice?.options ?? [];
  const listed = kind === "query" || kind === "custom" || kind === "interval";
  return (
    <>
      {listed && (
        <>
          <p className="small soft">
            {options.length === 0 ? "No values in this time range" : plural(options.length, "value")}
            {options.length > SHOWN_MAX && `; the first ${SHOWN_MAX}:`}
          </p>
          <ul className={classes.values} aria-label="Values">
            {options.slice(0, SHOWN_MAX).map(({ value, text }, at) => (
              <li
                key={at}
                title={text === value ? value : `${text}: ${value}`}
                data-picked={choice?.picked.includes(value)}
              >
                {text}
              </li>
            ))}
          </ul>
        </>
      )}
      <p className="small">
        <span className="soft">In PromQL ${name} is now </span>
        <code className={classes.becomes}>{interpolate(`\${${name}}`, variables, "promql") || "nothing"}</code>
      </p>
    </>
  );
}
