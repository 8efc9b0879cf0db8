import type { Vital } from "@/api/types";
import { Change } from "@/components/Change";
import { HealthMark } from "@/components/HealthMark";
import { formatCount, formatShare, plural } from "@/lib/format";
import { RATING_WORDS, ratingHealth, sharesOf, VITAL_WORDS, type VitalName, vitalText } from "@/model/vitals";
import classes from "./Vitals.module.css";

/** The six vitals: p75, its rating, and how the measurements are spread. A click draws one over time. */
export function Tiles({
  vitals,
  chosen,
  onChoose,
}: {
  vitals: readonly Vital[];
  chosen: VitalName;
  onChoose: (name: VitalName) => void;
}) {
  return (
    <div className={classes.tiles} role="group" aria-label="Web vitals">
      {vitals.map((vital) => (
        <button
          key={vital.name}
          type="button"
          className={classes.tile}
          aria-pressed={vital.name === chosen}
          onClick={() => onChoose(vital.name)}
        >
          <span className={classes.tileName} title={VITAL_WORDS[vital.name]}>
            <strong>{vital.name.toUpperCase()}</strong> <span className="soft small">{VITAL_WORDS[vital.name]}</span>
          </span>
          <Value vital={vital} />
        </button>
      ))}
    </div>
  );
}

function Value({ vital }: { vital: Vital }) {
  const { figures } = vital;
  if (!figures)
    return (
      <>
        <span className={classes.value}>–</span>
        <span className="small soft">{vital.name === "fid" ? "not measured by newer SDKs" : "not measured"}</span>
      </>
    );
  return (
    <>
      <span className={classes.value}>
        <span title={`p75 of ${plural(figures.count, "measurement")}`}>{vitalText(vital.name, figures.p75)}</span>
        <span className="small">
          <HealthMark health={ratingHealth(figures.rating)} size={14} word={RATING_WORDS[figures.rating]} />
        </span>
        <Change now={figures.p75} before={vital.previous_p75} worse="up" />
      </span>
      <Spread vital={vital} />
    </>
  );
}

/** A bar of good, needs improvement and poor, in figures below it. */
function Spread({ vital }: { vital: Vital }) {
  if (!vital.figures) return null;
  const shares = sharesOf(vital.figures);
  return (
    <>
      <span className={classes.spread} aria-hidden>
        {shares
          .filter((one) => one.count > 0)
          .map((one) => (
            <i key={one.rating} data-rating={one.rating} style={{ flexGrow: one.count }} />
          ))}
      </span>
      <span className={`small soft ${classes.shares}`}>
        {shares.map((one) => (
          <span key={one.rating} title={`${formatCount(one.count)} ${RATING_WORDS[one.rating]}`}>
            {formatShare(one.share)}
            <span className="visually-hidden"> {RATING_WORDS[one.rating]}</span>
          </span>
        ))}
      </span>
    </>
  );
}
