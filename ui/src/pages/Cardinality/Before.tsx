import type { MetricCardinality } from "@/api/types";
import { formatChange, formatExact } from "@/lib/format";

/** How many there were the day before, in a sentence. */
export function Before({ data }: { data: MetricCardinality }) {
  const change = formatChange(data.series, data.series_before);
  if (data.series_before === 0) return <>, none the day before</>;
  return (
    <>
      , {formatExact(data.series_before)} the day before{change && ` (${change})`}; {formatExact(data.series_new)} of
      them are new
    </>
  );
}
