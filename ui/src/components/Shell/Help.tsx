import { Kbd, Modal } from "@mantine/core";
import { PLACES } from "./nav";

const KEYS: readonly [string, string][] = [
  ["/", "Search on this page"],
  ["Ctrl K", "Command palette"],
  ["t", "Time range"],
  ["j  k", "Down and up in a list"],
  ["Enter", "Open what is picked; again for the full page"],
  ["x", "Pick an issue; with Shift all up to it"],
  ["e", "Resolve the issues that are picked"],
  ["Esc", "Close, leave a field"],
  ["?", "This list"],
  ...PLACES.map((place): [string, string] => [`g ${place.key}`, `Go to ${place.label}`]),
];

export function Help({ onClose }: { onClose: () => void }) {
  return (
    <Modal opened onClose={onClose} title="Keys" closeButtonProps={{ "aria-label": "Close" }}>
      <table className="dense">
        <tbody>
          {KEYS.map(([keys, what]) => (
            <tr key={keys}>
              <td>
                {keys.split(/ +/).map((key) => (
                  <Kbd key={key} mr={4}>
                    {key}
                  </Kbd>
                ))}
              </td>
              <td>{what}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="small soft">Drag over a chart to zoom in, double click to zoom back.</p>
    </Modal>
  );
}
