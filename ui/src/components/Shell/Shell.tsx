import { Drawer } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconMenu2 } from "@tabler/icons-react";
import { Link, Outlet } from "@tanstack/react-router";
import { useState } from "react";
import { usePreferences } from "@/state/preferences";
import { Help } from "./Help";
import { PLACES } from "./nav";
import { Palette } from "./Palette";
import { Rail } from "./Rail";
import classes from "./Shell.module.css";
import { TopBar } from "./TopBar";
import { Trouble } from "./Trouble";
import { useGlobalKeys } from "./useGlobalKeys";

const IN_BOTTOM_BAR = ["/", "/services", "/traces", "/logs"];

/** The frame: rail, top bar, the page, and what opens over it. */
export function Shell() {
  const { railOpen } = usePreferences();
  const [menu, menuOpen] = useDisclosure(false);
  const [palette, paletteOpen] = useDisclosure(false);
  const [help, helpOpen] = useDisclosure(false);
  const [rangeOpen, setRangeOpen] = useState(false);
  useGlobalKeys({ openPalette: paletteOpen.open, openHelp: helpOpen.open, openRange: () => setRangeOpen(true) });
  return (
    <div className={classes.shell}>
      <a href="#main" className={classes.skip}>
        Skip to content
      </a>
      <Rail open={railOpen} />
      <TopBar onPalette={paletteOpen.open} onHelp={helpOpen.open} rangeOpen={rangeOpen} setRangeOpen={setRangeOpen} />
      <Trouble />
      <main id="main" className={classes.main} tabIndex={-1}>
        <Outlet />
      </main>
      <nav className={classes.bottom} aria-label="Short">
        {PLACES.filter((place) => IN_BOTTOM_BAR.includes(place.to)).map(({ to, label, icon: Icon }) => (
          <Link key={to} to={to} activeOptions={{ exact: to === "/", includeSearch: false }}>
            <Icon size={20} stroke={1.6} aria-hidden />
            {label}
          </Link>
        ))}
        <button type="button" onClick={menuOpen.open}>
          <IconMenu2 size={20} stroke={1.6} aria-hidden />
          More
        </button>
      </nav>
      <Drawer
        opened={menu}
        onClose={menuOpen.close}
        size={260}
        padding="xs"
        title="Midwatch"
        closeButtonProps={{ "aria-label": "Close" }}
      >
        <Rail open onGo={menuOpen.close} />
      </Drawer>
      {palette && <Palette onClose={paletteOpen.close} />}
      {help && <Help onClose={helpOpen.close} />}
    </div>
  );
}
