import { Button, Menu } from "@mantine/core";
import { IconDots } from "@tabler/icons-react";

/** What can be done with a whole board. */
export function BoardMenu(props: { uid: string; onKiosk: () => void; onVariables: () => void }) {
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="default" leftSection={<IconDots size={14} />}>
          More
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={props.onVariables}>Variables</Menu.Item>
        <Menu.Divider />
        <Menu.Item onClick={props.onKiosk}>Kiosk view (Esc leaves it)</Menu.Item>
        <Menu.Item onClick={() => void navigator.clipboard.writeText(window.location.href)}>Copy link</Menu.Item>
        <Menu.Item component="a" href={`/api/v1/dashboards/${props.uid}/export`}>
          Export as Grafana JSON
        </Menu.Item>
        <Menu.Item component="a" href={`/api/v1/dashboards/${props.uid}/export?format=midwatch`}>
          Export as YAML
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
