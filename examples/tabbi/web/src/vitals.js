// LCP, INP and CLS come from Sentry's SDK. FID, which newer SDKs do not measure any more, is told here.
import { OTLPLogExporter } from "@opentelemetry/exporter-logs-otlp-http";
import { LoggerProvider, SimpleLogRecordProcessor } from "@opentelemetry/sdk-logs";
import { otlp, resourceOf } from "./tracing.js";

export function tellFirstInputDelay(config, service) {
  const exporter = new OTLPLogExporter(otlp(config, "logs"));
  const processors = [new SimpleLogRecordProcessor({ exporter })];
  const log = new LoggerProvider({ resource: resourceOf(config, service), processors }).getLogger("tabbi-web");
  const path = location.pathname;
  new PerformanceObserver((list, observer) => {
    const [first] = list.getEntries();
    observer.disconnect();
    const attributes = {
      "browser.web_vital.name": "fid",
      "browser.web_vital.value": first.processingStart - first.startTime,
      "browser.web_vital.id": crypto.randomUUID(),
      "url.path": path,
    };
    log.emit({ eventName: "browser.web_vital", attributes });
  }).observe({ type: "first-input", buffered: true });
}
