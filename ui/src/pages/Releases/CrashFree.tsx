import { HealthMark } from "@/components/HealthMark";
import { formatShare } from "@/lib/format";
import { crashHealth } from "@/model/releases";
import classes from "./Releases.module.css";

/** A share of sessions or users without a crash; what is bad about it has its mark. */
export function CrashFree({ share, of }: { share: number | null; of: string }) {
  const health = crashHealth(share);
  if (share === null) return <span className="soft">–</span>;
  return (
    <span className={classes.share} title={of}>
      {health !== "good" && <HealthMark health={health} size={14} />}
      {formatShare(share)}
    </span>
  );
}
