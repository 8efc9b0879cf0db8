"""Find a Chromium for the browser tests and print its path.

Debian's package is installed quietly where none is found and we are root with apt. Without a browser the tests of the
page are skipped, and this says so; where CI is set (`CI=true`) that is a failure: no pipeline goes green without them.
"""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
_UNUSED = (
    # Pages of the address bar: two renderers and a second of CPU for each window, which nobody sees.
    *("WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "AimEnabled", "LensOverlay"),
    # The others are Playwright's own, which the switch below takes the place of.
    *("AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsFirstBalancedModeAutoEnable"),
    *("HttpsUpgrades", "MediaRouter", "OptimizationHints", "PaintHolding", "ThirdPartyStoragePartitioning"),
)
ARGUMENTS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--disable-features={','.join(_UNUSED)}",
]
"""How everybody here starts it."""
_INSTALL_SECONDS_MAX = 600


def find_browser() -> str | None:
    wanted = os.environ.get("MIDWATCH_TEST_BROWSER")
    if wanted:
        return shutil.which(wanted)
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def must_be_found() -> bool:
    """True in continuous integration, where skipping these tests would go unseen."""
    return os.environ.get("CI", "").lower() not in ("", "0", "false")


def install_browser() -> None:
    """Debian's chromium, when that is possible here."""
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        return
    print("installing chromium for the browser tests", flush=True)
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", "chromium"]):
        try:
            subprocess.run([apt, *arguments], env=env, capture_output=True, timeout=_INSTALL_SECONDS_MAX, check=False)
        except (OSError, subprocess.TimeoutExpired):
            return


def main() -> int:
    if find_browser() is None:
        install_browser()
    found = find_browser()
    if found:
        print(f"browser: {found}")
        return 0
    if must_be_found():
        print("browser: none found, and CI is set: install Chromium or name one in MIDWATCH_TEST_BROWSER")
        return 1
    print("browser: none found; tests of the page will be skipped")
    return 0


if __name__ == "__main__":
    sys.exit(main())
