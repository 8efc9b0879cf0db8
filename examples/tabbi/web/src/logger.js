// The document's logger: errors become issues, the rest their breadcrumbs.
import * as Sentry from "@sentry/react";

export const logger = {
  error(message, error, context) {
    console.error(message, error);
    if (error) Sentry.captureException(error, { extra: { message, ...context } });
  },

  warn(message, context) {
    console.warn(message, context);
    Sentry.addBreadcrumb({ message, level: "warning", category: "log", data: context });
  },

  info(message, context) {
    console.log(message, context);
    Sentry.addBreadcrumb({ message, level: "info", category: "log", data: context });
  },
};
