export { useWatched } from "./useWatched";
export { WatchedChart } from "./WatchedChart";
