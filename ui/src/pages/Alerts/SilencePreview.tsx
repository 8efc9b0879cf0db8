import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type ApiError, request } from "@/api/client";
import type { AlertShown, SilencePreview as Answer } from "@/api/types";
import { Go } from "@/components/Go";
import { Notice } from "@/components/State";
import { formatExact, plural } from "@/lib/format";
import { tellingLabels } from "@/model/alerts";
import classes from "./Alerts.module.css";

const ASK_AFTER_MS = 300;
const LISTED_MAX = 8;

/** What matchers would hide of what fires now, asked as they are typed. */
export function SilencePreview({ text, times }: { text: string; times: () => { ends_at: string } }) {
  const [asked] = useDebouncedValue(text.trim(), ASK_AFTER_MS);
  const preview = useHidden(asked, times);
  if (asked === "") return <p className="small soft">Write at least one matcher.</p>;
  if (preview.error) return <Notice tone="warning">{preview.error.message}</Notice>;
  if (!preview.data) return <p className="small soft">Looking what it hides …</p>;
  const { hides, alerts, never } = preview.data;
  return (
    <div role="status" aria-label="What it hides" className={preview.isPlaceholderData ? "dimmed" : ""}>
      {never && <Notice tone="warning">{never}</Notice>}
      <p className="small" style={{ margin: "8px 0 4px" }}>
        {hides === 0 ? "Hides nothing that fires now." : `Hides ${plural(hides, "alert")} that fire now:`}
      </p>
      <HiddenAlerts alerts={alerts.slice(0, LISTED_MAX)} more={hides - LISTED_MAX} />
    </div>
  );
}

/** The alerts that matchers hide now; asked again every `everyMs`. */
export function useHidden(text: string, times: () => { ends_at: string }, everyMs: number | false = false) {
  return useQuery<Answer, ApiError>({
    queryKey: ["silence-preview", text],
    queryFn: ({ signal }) =>
      request<Answer>("silence-preview", {
        method: "POST",
        body: { text, ...times(), comment: "preview" },
        signal,
      }),
    placeholderData: keepPreviousData,
    enabled: text !== "",
    refetchInterval: everyMs,
    retry: false,
  });
}

/** By name and what tells them apart; `linked`: each leads to its alert. */
export function HiddenAlerts(props: { alerts: readonly AlertShown[]; more: number; linked?: boolean }) {
  const { alerts, more, linked = false } = props;
  return (
    <>
      <ul className={classes.events}>
        {alerts.map(({ fingerprint, name, labels }) => (
          <li key={fingerprint}>
            {linked ? (
              <Go to="/alerts" search={{ open: fingerprint }} className="among">
                {name}
              </Go>
            ) : (
              <strong>{name}</strong>
            )}
            <span className="mono soft">
              {tellingLabels(labels)
                .map((pair) => pair.join("="))
                .join(" ")}
            </span>
          </li>
        ))}
      </ul>
      {more > 0 && <p className="small soft">and {formatExact(more)} more</p>}
    </>
  );
}
