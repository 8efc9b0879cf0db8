import type { FunnelResult, FunnelStepResult } from "@/api/types";
import { Section } from "@/components/PageFrame";
import { formatCount, formatExact, formatSeconds, formatShare } from "@/lib/format";
import { unitText, valueText } from "@/model/analytics";
import classes from "./Analytics.module.css";
import { Bar } from "./Bar";
import type { FunnelPlace } from "./useFunnel";

type Open = (place: FunnelPlace) => void;

/** A bar a step, and between two of them how many went on and how long it took. Every number opens who is behind it. */
export function FunnelChart({
  result,
  place,
  onOpen,
}: {
  result: FunnelResult;
  place: FunnelPlace | null;
  onOpen: Open;
}) {
  const { steps, unit } = result;
  const last = steps[steps.length - 1];
  return (
    <Section title="Conversion" aside={last && steps.length > 1 && <Whole result={result} last={last} />}>
      <ol className={classes.funnel}>
        {steps.map((step, at) => (
          <li key={at}>
            {at > 0 && <Between step={step} before={steps[at - 1]} number={at + 1} place={place} onOpen={onOpen} />}
            <div className={classes.step}>
              <span className={classes.number} aria-hidden>
                {at + 1}
              </span>
              <span className={classes.stepName}>
                <span className="truncate" title={step.name}>
                  {step.name}
                </span>
                {step.source === "logs" && <span className="small soft">log records</span>}
              </span>
              <Bar share={step.of_first ?? 0} />
              <button
                type="button"
                className={classes.figure}
                title={`${formatExact(step.count)} ${unitText(unit, step.count)}: show who they are`}
                aria-pressed={place?.outcome === "took" && place.step === at + 1}
                onClick={() => onOpen({ step: at + 1, outcome: "took" })}
              >
                <b>{formatCount(step.count)}</b> <span className="soft">{unitText(unit, step.count)}</span>
              </button>
              <span className={`num ${classes.share}`}>{formatShare(step.of_first)}</span>
            </div>
          </li>
        ))}
      </ol>
    </Section>
  );
}

function Whole({ result, last }: { result: FunnelResult; last: FunnelStepResult }) {
  return (
    <>
      {formatShare(last.of_first)} came to the end
      {result.median_seconds !== null && (
        <>
          {" "}
          in {formatSeconds(result.median_seconds)} (median; 90 % within {formatSeconds(result.p90_seconds)})
        </>
      )}
    </>
  );
}

function Between({
  step,
  before,
  number,
  place,
  onOpen,
}: {
  step: FunnelStepResult;
  before: FunnelStepResult | undefined;
  number: number;
  place: FunnelPlace | null;
  onOpen: Open;
}) {
  const left = (before?.count ?? 0) - step.count;
  return (
    <div className={classes.between}>
      <span>{formatShare(step.of_previous)} went on</span>
      {step.median_seconds !== null && (
        <span className="soft">
          median {formatSeconds(step.median_seconds)}, 90 % within {formatSeconds(step.p90_seconds)}
        </span>
      )}
      <button
        type="button"
        className={classes.left}
        disabled={left === 0}
        aria-pressed={place?.outcome === "left" && place.step === number}
        title={`${formatExact(left)} left: show who they are`}
        onClick={() => onOpen({ step: number, outcome: "left" })}
      >
        {formatCount(left)} left
      </button>
    </div>
  );
}

/** The same steps by value of the breakdown, side by side. */
export function FunnelGroups({ result, by, onOpen }: { result: FunnelResult; by: string; onOpen: Open }) {
  return (
    <Section title={`By ${by.startsWith("flag.") ? `flag ${by.slice(5)}` : by}`}>
      <div className="table-wrap" tabIndex={0} role="region" aria-label="Conversion by value">
        <table className="dense">
          <thead>
            <tr>
              <th>Value</th>
              {result.steps.map((step, at) => (
                <th key={at} className="num">
                  {at + 1} {step.name}
                </th>
              ))}
              <th className="num">To the end</th>
            </tr>
          </thead>
          <tbody>
            {result.groups.map((group) => (
              <tr key={`${group.rest} ${group.value}`}>
                <td className={group.rest || group.value === "" ? "soft" : undefined}>
                  {valueText(group.value, group.rest)}
                </td>
                {group.steps.map((step, at) => (
                  <td key={at} className="num">
                    {group.rest ? (
                      formatCount(step.count)
                    ) : (
                      <button
                        type="button"
                        className={classes.figure}
                        title={`${formatExact(step.count)}: show who they are`}
                        onClick={() => onOpen({ step: at + 1, outcome: "took", value: group.value })}
                      >
                        {formatCount(step.count)}
                      </button>
                    )}
                    {at > 0 && <span className="soft small"> {formatShare(step.of_previous)}</span>}
                  </td>
                ))}
                <td className="num">
                  <b>{formatShare(group.steps[group.steps.length - 1]?.of_first)}</b>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}
