import { ActionIcon, Menu } from "@mantine/core";
import { IconDotsVertical } from "@tabler/icons-react";
import type { BoardPanel } from "@/api/types";
import { csvOf } from "@/model/board/picture";
import { download, pngOf } from "./picture";
import type { PanelData } from "./usePanelData";

/** What can be done with panels of a board that is not a wall. */
export interface PanelActions {
  onEdit: (id: number) => void;
  onPlace: (id: number) => void;
  onCopy: (id: number) => void;
  onRemove: (panel: BoardPanel) => void;
}

/** Figures in tables and stats have no canvas: they go out as values. */
const WITHOUT_CANVAS: readonly string[] = ["stat", "table", "bargauge", "state-timeline", "status-history"];
const WITHOUT_VALUES: readonly string[] = ["text", "logs", "traces", "refused"];

export function PanelMenu({
  panel,
  title,
  data,
  box,
  actions,
}: {
  panel: BoardPanel;
  title: string;
  data: PanelData;
  box: () => HTMLElement | null;
  actions: PanelActions;
}) {
  const { kind } = panel.options;
  const file = title.replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "") || "panel";
  const csv = () => download(new Blob([csvOf(data.frames)], { type: "text/csv" }), `${file}.csv`);
  const png = async () => {
    const found = box();
    const picture = found && (await pngOf(found, title));
    if (picture) download(picture, `${file}.png`);
  };
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon size="sm" variant="subtle" color="gray" aria-label={`Menu of ${title || "the panel"}`}>
          <IconDotsVertical size={14} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => actions.onEdit(panel.id)}>Edit</Menu.Item>
        <Menu.Item onClick={() => actions.onPlace(panel.id)}>Move or resize</Menu.Item>
        <Menu.Item onClick={() => actions.onCopy(panel.id)}>Duplicate</Menu.Item>
        <Menu.Divider />
        {WITHOUT_VALUES.includes(kind) ? null : (
          <>
            {!WITHOUT_CANVAS.includes(kind) && (
              <Menu.Item disabled={data.frames.length === 0} onClick={() => void png()}>
                Download PNG
              </Menu.Item>
            )}
            <Menu.Item disabled={data.frames.length === 0} onClick={csv}>
              Download CSV
              {WITHOUT_CANVAS.includes(kind) && (
                <span className="soft small"> (its values; it is text, no picture)</span>
              )}
            </Menu.Item>
            <Menu.Divider />
          </>
        )}
        <Menu.Item color="red" onClick={() => actions.onRemove(panel)}>
          Remove panel
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
