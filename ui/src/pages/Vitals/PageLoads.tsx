import { useScopedPages } from "@/api/queries";
import type { PageLoadList } from "@/api/types";
import { Go } from "@/components/Go";
import { LongTable } from "@/components/LongTable";
import { More } from "@/components/More";
import { Section } from "@/components/PageFrame";
import { Loaded, SkeletonRows } from "@/components/State";
import { RelativeTime } from "@/components/Time";
import { formatNanos } from "@/lib/format";
import classes from "./Vitals.module.css";

const PAGE = 50;
const COLUMNS = [
  { label: "Page" },
  { label: "Kind", wideOnly: true },
  { label: "Took", numeric: true },
  { label: "User", wideOnly: true },
  { label: "Release", wideOnly: true },
  { label: "Began", numeric: true },
];
const KINDS = { pageload: "page load", navigation: "navigation" };

/** Page loads and navigations, each of which is a trace. */
export function PageLoads({ filters }: { filters: Record<string, string | undefined> }) {
  const rows = useScopedPages<PageLoadList>("vitals/page-loads", filters, PAGE);
  const items = rows.data?.pages.flatMap((page) => page.rows) ?? [];
  return (
    <Section title="Page loads and navigations" aside="Newest first">
      <Loaded
        query={rows}
        what="the page loads"
        skeleton={<SkeletonRows rows={4} />}
        empty={() =>
          items.length === 0 && (
            <p className="small soft">None came as a trace in this time range: tracing may be off in these browsers.</p>
          )
        }
      >
        {() => (
          <LongTable
            label="Traces of page loads"
            what={["page load", "page loads"]}
            items={items}
            columns={COLUMNS}
            more={<More rows={rows} />}
            row={(one) => (
              <tr key={one.span_id}>
                <td className={classes.route}>
                  <span className={classes.page}>
                    <Go
                      to="/traces/$traceId"
                      params={{ traceId: one.trace_id }}
                      className="truncate"
                      title={one.path || one.name}
                    >
                      {one.path || one.name}
                    </Go>
                  </span>
                </td>
                <td className="wide-only soft">{KINDS[one.kind]}</td>
                <td className={`num ${one.status === "error" ? "bad" : ""}`}>{formatNanos(one.duration_ns)}</td>
                <td className="wide-only truncate">{one.user_id || <span className="soft">–</span>}</td>
                <td className="wide-only mono soft truncate">{one.release}</td>
                <td className="num soft">
                  <RelativeTime time={one.time} />
                </td>
              </tr>
            )}
          />
        )}
      </Loaded>
    </Section>
  );
}
