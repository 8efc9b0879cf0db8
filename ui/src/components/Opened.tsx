import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import type { Opened } from "@/state/useOpened";
import { Drawer } from "./Drawer";
import { PageFrame } from "./PageFrame";

/** A list, and what of it is open: in a drawer over it, or alone on the page. */
export function OpenedPage({
  opened,
  title,
  heading,
  actions,
  name,
  detail,
  children,
}: {
  opened: Opened;
  title: string;
  heading?: ReactNode;
  actions?: ReactNode;
  /** What is open, by its name. */
  name: string;
  detail: ReactNode;
  children: ReactNode;
}) {
  if (opened.full)
    return (
      <PageFrame
        title={name}
        actions={
          <Button variant="default" onClick={opened.shrink}>
            Back to the list
          </Button>
        }
      >
        {detail}
      </PageFrame>
    );
  return (
    <PageFrame title={title} heading={heading} actions={actions}>
      {children}
      {opened.id !== undefined && (
        <Drawer
          key="drawer"
          title={name}
          onClose={opened.close}
          actions={
            <Button size="compact-xs" variant="subtle" onClick={opened.fill}>
              Full page
            </Button>
          }
        >
          {detail}
        </Drawer>
      )}
    </PageFrame>
  );
}
