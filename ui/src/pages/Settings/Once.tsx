import { Button, Modal } from "@mantine/core";
import { CodeBlock } from "@/components/CopyId";

/** A secret that is shown this one time. */
export function Once({ title, secret, onClose }: { title: string; secret: string | null; onClose: () => void }) {
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
      <Button mt="md" variant="default" onClick={onClose}>
        Done
      </Button>
    </Modal>
  );
}
