import "@mantine/core/styles.css";
import "@mantine/notifications/styles.css";
import "./styles/tokens.css";
import "./styles/base.css";
import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { whenUnauthorized } from "./api/client";
import { queryClient } from "./api/queries";
import { router } from "./app/router";
import { theme } from "./styles/theme";

whenUnauthorized(() => {
  const { pathname, href } = router.state.location;
  if (pathname !== "/signin") void router.navigate({ to: "/signin", search: { next: href }, replace: true });
});

const root = document.getElementById("root");
if (!root) throw new Error("cannot start the page: index.html has no #root");
createRoot(root).render(
  <StrictMode>
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
      <Notifications position="bottom-right" autoClose={4000} limit={3} />
    </MantineProvider>
  </StrictMode>,
);
