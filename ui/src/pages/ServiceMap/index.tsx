import { Button, SegmentedControl } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useScopedApi } from "@/api/queries";
import type { ServiceMap as Map } from "@/api/types";
import { PageFrame } from "@/components/PageFrame";
import { Empty, Loaded } from "@/components/State";
import { Calls } from "./Calls";
import { Picture } from "./Picture";

export function ServiceMap() {
  const query = useScopedApi<Map>("service-map");
  const [view, setView] = useState("map");
  return (
    <PageFrame
      title="Service map"
      actions={
        <SegmentedControl
          size="xs"
          aria-label="View"
          value={view}
          onChange={setView}
          data={[
            { value: "map", label: "Map" },
            { value: "table", label: "Table" },
          ]}
        />
      }
    >
      <Loaded
        query={query}
        what="the service map"
        empty={(data) =>
          data.nodes.length === 0 && (
            <Empty
              title="Nothing called anything in this time range"
              action={
                <Button component={Link} to="/send-data" variant="default">
                  Show how to send data
                </Button>
              }
            >
              The map is drawn from spans: parents and children in different services, and the peers of client spans.
            </Empty>
          )
        }
      >
        {(data) => (view === "map" ? <Picture map={data} /> : <Calls edges={data.edges} />)}
      </Loaded>
    </PageFrame>
  );
}
