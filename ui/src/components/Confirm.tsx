import { Button, Modal } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import type { ReactNode } from "react";

/** A destructive act: names what will be gone and asks once. */
export function Confirm({
  act,
  what,
  onConfirm,
  busy = false,
}: {
  act: string;
  what: ReactNode;
  onConfirm: () => void;
  busy?: boolean;
}) {
  const [open, { open: ask, close }] = useDisclosure(false);
  return (
    <>
      <Button variant="subtle" color="red" size="compact-xs" px={0} onClick={ask} loading={busy}>
        {act}
      </Button>
      <Modal opened={open} onClose={close} title={act} closeButtonProps={{ "aria-label": "Close" }}>
        <p>{what}</p>
        <div className="row">
          <Button
            color="red"
            onClick={() => {
              close();
              onConfirm();
            }}
          >
            {act}
          </Button>
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
        </div>
      </Modal>
    </>
  );
}
