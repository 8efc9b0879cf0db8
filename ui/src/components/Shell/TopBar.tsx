import { ActionIcon, Kbd, Menu, Tooltip, useMantineColorScheme } from "@mantine/core";
import {
  IconHelp,
  IconPlayerPause,
  IconPlayerPlay,
  IconRefresh,
  IconSearch,
  IconUserCircle,
} from "@tabler/icons-react";
import { useIsFetching, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { request } from "@/api/client";
import { useApi } from "@/api/queries";
import type { Me } from "@/api/types";
import { useLive } from "@/state/live";
import { EnvironmentSwitch } from "./EnvironmentSwitch";
import { RangePicker } from "./RangePicker";
import classes from "./Shell.module.css";

export function TopBar(props: {
  onPalette: () => void;
  onHelp: () => void;
  rangeOpen: boolean;
  setRangeOpen: (open: boolean) => void;
}) {
  return (
    <header className={classes.top}>
      <button type="button" className={`${classes.search} ${classes.wideOnly}`} onClick={props.onPalette}>
        <IconSearch size={15} aria-hidden />
        Go to or search
        <Kbd size="xs">Ctrl K</Kbd>
      </button>
      <div className={classes.grow} />
      <EnvironmentSwitch />
      <RangePicker open={props.rangeOpen} setOpen={props.setRangeOpen} />
      <Refresh />
      <Tooltip label="Keys (?)">
        <ActionIcon
          variant="subtle"
          color="gray"
          size={30}
          onClick={props.onHelp}
          aria-label="Keys and help"
          className={classes.wideOnly}
        >
          <IconHelp size={18} stroke={1.6} />
        </ActionIcon>
      </Tooltip>
      <UserMenu />
    </header>
  );
}

function Refresh() {
  const client = useQueryClient();
  const fetching = useIsFetching() > 0;
  const { live, setLive } = useLive();
  return (
    <>
      <Tooltip label="Refresh now">
        <ActionIcon
          variant="subtle"
          color="gray"
          size={30}
          aria-label="Refresh now"
          data-fetching={fetching}
          className={classes.wideOnly}
          onClick={() => void client.invalidateQueries()}
        >
          <IconRefresh size={18} stroke={1.6} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label={live ? "Live: asks again every 5 s. Click to stop" : "Refresh every 5 s"}>
        <ActionIcon
          variant={live ? "light" : "subtle"}
          color={live ? "accent" : "gray"}
          size={30}
          aria-label="Live refresh"
          aria-pressed={live}
          onClick={() => setLive(!live)}
        >
          {live ? <IconPlayerPause size={18} stroke={1.6} /> : <IconPlayerPlay size={18} stroke={1.6} />}
        </ActionIcon>
      </Tooltip>
    </>
  );
}

function UserMenu() {
  const me = useApi<Me>("auth/me", {}, { staleMs: 60_000 });
  const navigate = useNavigate();
  const client = useQueryClient();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  async function signOut() {
    await request("auth/logout", { method: "POST" });
    client.clear();
    await navigate({ to: "/signin" });
  }
  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size={30} aria-label="You">
          <IconUserCircle size={20} stroke={1.6} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label c="var(--text-soft)">
          {me.data?.name || me.data?.email || "You"}
          {me.data && ` · ${me.data.role}`}
        </Menu.Label>
        {(["auto", "light", "dark"] as const).map((look) => (
          <Menu.Item key={look} onClick={() => setColorScheme(look)} rightSection={colorScheme === look ? "✓" : null}>
            {look === "auto" ? "Look as the system" : `Look ${look}`}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item onClick={() => void signOut()}>Sign out</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
