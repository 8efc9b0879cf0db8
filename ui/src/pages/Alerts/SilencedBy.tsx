import { useApi, useChange } from "@/api/queries";
import type { SilenceShown } from "@/api/types";
import { Go } from "@/components/Go";
import { Notice, Refused } from "@/components/State";
import { AbsoluteTime } from "@/components/Time";
import { Confirm } from "@/components/Confirm";
import { SILENCE_TOUCHES } from "./SilenceForm";

/** A silence that hides an alert: whose, why, until when; it can be ended here. */
export function SilencedBy({ id, fingerprint }: { id: string; fingerprint: string }) {
  const silence = useApi<SilenceShown>(`silences/${id}`);
  const expire = useChange<string>(
    (one) => ({ path: `silences/${one}`, method: "DELETE" }),
    [...SILENCE_TOUCHES, `silences/${id}`, `alerts/${fingerprint}`],
  );
  const one = silence.data;
  return (
    <>
      <Notice>
        Nobody is told of it:{" "}
        <Go to="/alerts/silences" search={{ open: id }} className="among">
          {one ? "silenced" : "a silence"}
        </Go>{" "}
        {one ? `by ${one.created_by}` : "hides it"}
        {one && (
          <>
            {" "}
            until <AbsoluteTime time={one.ends_at} />: {one.comment}{" "}
            <Confirm
              act="End silence"
              what={
                <>
                  The silence of <code>{one.text}</code> ends now; {one.hides} of the alerts that fire are told of
                  again.
                </>
              }
              busy={expire.isPending}
              onConfirm={() => expire.mutate(id)}
            />
          </>
        )}
      </Notice>
      <Refused error={expire.error} />
    </>
  );
}
