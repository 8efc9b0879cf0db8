import { useMemo } from "react";
import { useScopedApi } from "@/api/queries";
import type { DeployList } from "@/api/types";
import { type DeployMarker, markersOf } from "@/model/releases";

const STALE_MS = 30_000;

/** Deploys of the page's time range and environments, for a chart's `markers`; a service's own, and those of all. */
export function useDeployMarkers(startMs: number, endMs: number, service?: string): readonly DeployMarker[] {
  const query = useScopedApi<DeployList>("deploys", service === undefined ? {} : { service }, { staleMs: STALE_MS });
  const deploys = query.data?.deploys;
  return useMemo(() => markersOf(deploys ?? [], startMs, endMs), [deploys, startMs, endMs]);
}
