import { AreaViews } from "@/components/AreaViews";
import { ERROR_VIEWS } from "./views";

export function ErrorsViews() {
  return <AreaViews label="Errors" views={ERROR_VIEWS} />;
}
