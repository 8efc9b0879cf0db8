export { Drawer } from "./Drawer";
