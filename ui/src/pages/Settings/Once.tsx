import { Button, Modal } from "@mantine/core";
import type { ReactNode } from "react";
import { CodeBlock } from "@/components/CopyId";

/** A secret that is shown this one time. */
export function Once(props: {
  title: string;
  secret: string | null;
  onClose: () => void;
  /** What one does with it. */
  children?: ReactNode;
}) {
  const { title, secret, onClose, children } = props;
  return (
    <Modal
      opened={secret !== null}
      onClose={onClose}
      title={title}
      size="lg"
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <p className="soft">Copy it now: it is not shown again.</p>
      <CodeBlock code={secret ?? ""} label={title} />
      {children}
      <Button mt="md" variant="default" onClick={onClose}>
        Done
      </Button>
    </Modal>
  );
}
