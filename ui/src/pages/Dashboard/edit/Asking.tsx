import { Button, Modal } from "@mantine/core";
import type { ReactNode } from "react";

/** Asks once before something is taken away; names what, and what becomes of it. */
export function Asking(props: {
  title: string;
  children: ReactNode;
  /** On the buttons, the one that takes away first. */
  acts: readonly (readonly [label: string, act: () => void])[];
  onClose: () => void;
}) {
  return (
    <Modal opened onClose={props.onClose} title={props.title} closeButtonProps={{ "aria-label": "Close" }} size="sm">
      <p style={{ marginTop: 0 }}>{props.children}</p>
      <div className="row" style={{ flexWrap: "wrap" }}>
        {props.acts.map(([label, act], at) => (
          <Button
            key={label}
            color={at === 0 ? "red" : undefined}
            variant={at === 0 ? "filled" : "default"}
            onClick={act}
            {...(at === 0 ? { "data-autofocus": true } : {})}
          >
            {label}
          </Button>
        ))}
        <Button variant="default" onClick={props.onClose}>
          Keep it
        </Button>
      </div>
    </Modal>
  );
}
