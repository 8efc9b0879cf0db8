import { useApi, useChange } from "@/api/queries";
import type { SilenceShown } from "@/api/types";
import { Notice } from "@/components/State";
import { AbsoluteTime } from "@/components/Time";
import { Confirm } from "../Settings/Confirm";
import { MARK_TOUCHES } from "./MarkForm";

/** A silence that hides an alert: whose, why, until when; it can be ended here. */
export function SilencedBy({ id, fingerprint }: { id: string; fingerprint: string }) {
  const silence = useApi<SilenceShown>(`silences/${id}`);
  const expire = useChange<string>(
    (one) => ({ path: `silences/${one}`, method: "DELETE" }),
    [...MARK_TOUCHES, "silences", `silences/${id}`, `alerts/${fingerprint}`],
  );
  const one = silence.data;
  return (
    <Notice>
      Nobody is told of it: {one ? `silenced by ${one.created_by}` : "a silence hides it"}
      {one && (
        <>
          {" "}
          until <AbsoluteTime time={one.ends_at} />: {one.comment}{" "}
          <Confirm
            act="End silence"
            what={
              <>
                The silence of <code>{one.text}</code> ends now; {one.hides} of the alerts that fire are told of again.
              </>
            }
            busy={expire.isPending}
            onConfirm={() => expire.mutate(id)}
          />
        </>
      )}
      {expire.error && ` ${expire.error.message}`}
    </Notice>
  );
}
