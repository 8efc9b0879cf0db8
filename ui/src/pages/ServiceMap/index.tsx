import { Button, SegmentedControl, Select } from "@mantine/core";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { useScopedApi } from "@/api/queries";
import type { CorrelationGap, CorrelationGaps, MapEdge, MapNode, ServiceMap as Map } from "@/api/types";
import { Badge } from "@/components/Badge";
import { around, foremost, ServiceGraph } from "@/components/Graph";
import { PageFrame } from "@/components/PageFrame";
import { Calls } from "@/components/Red";
import { Cut, Empty, HowToSend, Loaded, LookFurther, Notice } from "@/components/State";
import { formatExact } from "@/lib/format";
import { gapText, gapWord } from "@/model/correlation";
import classes from "./ServiceMap.module.css";
import type { MapSearch } from "./url";

const NO_NODES: readonly MapNode[] = [];
const NO_GAPS: readonly CorrelationGap[] = [];
const GAPS_MS = 60_000;
const GAPS_SHOWN = 3;

export function ServiceMap() {
  const query = useScopedApi<Map>("service-map");
  // Marks may come later, and the map is one without them.
  const gaps = useScopedApi<CorrelationGaps>("verify/correlation", {}, { staleMs: GAPS_MS, everyMs: GAPS_MS });
  const { focus, view }: MapSearch = useSearch({ from: "/shell/service-map" });
  const navigate = useNavigate();
  const change = (part: MapSearch) =>
    void navigate({ to: ".", resetScroll: false, search: ((before: object) => ({ ...before, ...part })) as never });
  const nodes = query.data?.nodes ?? NO_NODES;
  const names = useMemo(
    () => [...new Set([...nodes.map((node) => node.name), ...(focus ? [focus] : [])])].sort(),
    [nodes, focus],
  );
  return (
    <PageFrame
      title="Service map"
      actions={
        <>
          <Select
            data-search
            aria-label="Focus on a service"
            placeholder="Focus on a service"
            w={220}
            searchable
            clearable
            clearButtonProps={{ "aria-label": "All services" }}
            nothingFoundMessage="No such service here"
            data={names}
            value={focus ?? null}
            onChange={(name) => change({ focus: name ?? undefined })}
          />
          <SegmentedControl
            aria-label="View"
            value={view ?? "map"}
            onChange={(next) => change({ view: next === "table" ? next : undefined })}
            data={[
              { value: "map", label: "Map" },
              { value: "table", label: "Table" },
            ]}
          />
        </>
      }
    >
      <Loaded
        query={query}
        what="the service map"
        empty={(data) =>
          data.nodes.length === 0 && (
            <Empty
              title="No calls in this time range"
              action={
                <span className="row">
                  <LookFurther />
                  <HowToSend />
                </span>
              }
            >
              The map is drawn from spans: parents and children in different services, and the peers of client spans.
            </Empty>
          )
        }
      >
        {(data) => (
          <>
            <Cut
              shown={data.nodes.filter((node) => node.type === "service").length}
              total={data.services_total}
              what="services"
            >
              choose environments or a shorter range.
            </Cut>
            <Cut shown={data.edges.length} total={data.edges_total} what="calls">
              choose environments or a shorter range.
            </Cut>
            <Gaps gaps={gaps.data?.gaps ?? NO_GAPS} />
            <Shown
              gaps={gaps.data?.gaps ?? NO_GAPS}
              map={data}
              focus={focus}
              asTable={view === "table"}
              onFocus={(name) => change({ focus: name })}
            />
          </>
        )}
      </Loaded>
    </PageFrame>
  );
}

/** Where a correlation id gets lost, in words; the map marks the same calls. */
function Gaps({ gaps }: { gaps: readonly CorrelationGap[] }) {
  if (gaps.length === 0) return null;
  return (
    <Notice tone="warning">
      {gaps.slice(0, GAPS_SHOWN).map((gap) => (
        <div key={`${gap.source} ${gap.target}`}>
          {gapText(gap)}.{" "}
          <Link to="/traces/$traceId" params={{ traceId: gap.example_trace }} className="among">
            A trace of these
          </Link>
        </div>
      ))}
      {gaps.length > GAPS_SHOWN && <div>And {formatExact(gaps.length - GAPS_SHOWN)} more calls.</div>}
      <Link to="/plan" className="among">
        What to do
      </Link>
    </Notice>
  );
}

function Shown({
  map,
  gaps,
  focus,
  asTable,
  onFocus,
}: {
  map: Map;
  gaps: readonly CorrelationGap[];
  focus: string | undefined;
  asTable: boolean;
  onFocus: (name: string | undefined) => void;
}) {
  const focused = useMemo(() => (focus ? around(map, focus) : map), [map, focus]);
  const drawn = useMemo(() => foremost(focused), [focused]);
  if (focus && focused.edges.length === 0)
    return (
      <Empty
        title={`${focus} called nothing, and nobody called it`}
        action={
          <span className="row">
            <Button variant="default" onClick={() => onFocus(undefined)}>
              Show all services
            </Button>
            <LookFurther />
          </span>
        }
      >
        In this time range and these environments.
      </Empty>
    );
  if (asTable) return <Table map={focused} gaps={gaps} />;
  return (
    <>
      {drawn.edges.length < focused.edges.length && (
        <Notice>
          {formatExact(drawn.nodes.length)} of {formatExact(focused.nodes.length)} services and peers are drawn, with
          the {formatExact(drawn.edges.length)} of {formatExact(focused.edges.length)} calls that fail most or are
          busiest: focus on a service to see all of its calls; the table has everything.
        </Notice>
      )}
      <ServiceGraph
        map={drawn}
        gaps={gaps}
        focus={focus}
        title="Services and what they call; the same as a table under “Table”"
        className={classes.map}
      />
    </>
  );
}

/** The failing ones first, then the busy ones. */
function Table({
  map,
  gaps,
}: {
  map: { nodes: readonly MapNode[]; edges: readonly MapEdge[] };
  gaps: readonly CorrelationGap[];
}) {
  const sorted = [...map.edges].sort((a, b) => b.errors - a.errors || b.rate - a.rate);
  const services = new Set(map.nodes.filter((node) => node.type === "service").map((node) => node.name));
  const end = (name: string) =>
    services.has(name) ? (
      <Link to="/services/$name" params={{ name }}>
        {name}
      </Link>
    ) : (
      name
    );
  return (
    <Calls
      label="Calls"
      calls={sorted}
      ends={["From", "To"]}
      namesOf={(edge) => `${edge.source} ${edge.target}`}
      cells={(edge) => {
        const gap = gaps.find((one) => one.source === edge.source && one.target === edge.target);
        return [
          end(edge.source),
          <span className="row">
            {end(edge.target)}
            {gap && (
              <Badge tone="warning" title={gapText(gap)}>
                {gapWord(gap)}
              </Badge>
            )}
          </span>,
        ];
      }}
    />
  );
}
