export { around, foremost, narrowed } from "./narrow";
export { ServiceGraph } from "./ServiceGraph";
export { TableGraph } from "./TableGraph";
