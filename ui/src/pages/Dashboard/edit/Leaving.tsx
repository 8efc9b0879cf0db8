import { Button, Modal } from "@mantine/core";
import { useBlocker } from "@tanstack/react-router";

type Place = { pathname: string; search: unknown };

/** Asks before what is not kept is left behind: by a link, by going back, or by closing the tab. */
export function Leaving({
  what,
  unsaved,
  leaves,
}: {
  /** What is gone then, as the end of a sentence. */
  what: string;
  unsaved: () => boolean;
  /** Whether a way leads out of what is edited. */
  leaves: (from: Place, to: Place) => boolean;
}) {
  const { status, proceed, reset } = useBlocker({
    shouldBlockFn: ({ current, next }) => unsaved() && leaves(current, next),
    enableBeforeUnload: unsaved,
    withResolver: true,
  });
  if (status !== "blocked") return null;
  return (
    <Modal
      opened
      onClose={reset}
      title="Leave without keeping your changes?"
      closeButtonProps={{ "aria-label": "Close" }}
      size="sm"
    >
      <p style={{ marginTop: 0 }}>{what} will be gone.</p>
      <div className="row">
        <Button color="red" onClick={proceed}>
          Discard changes
        </Button>
        <Button variant="default" data-autofocus onClick={reset}>
          Stay
        </Button>
      </div>
    </Modal>
  );
}
