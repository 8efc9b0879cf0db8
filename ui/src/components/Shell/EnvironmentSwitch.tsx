import { Button, Checkbox, Popover } from "@mantine/core";
import { IconStack2 } from "@tabler/icons-react";
import { useApi } from "@/api/queries";
import type { EnvironmentList } from "@/api/types";
import { useScope } from "@/state/scope";

export function EnvironmentSwitch() {
  const { env, setEnv } = useScope();
  const list = useApi<EnvironmentList>("environments", {}, { staleMs: 30_000 });
  const names = [...new Set([...(list.data?.environments ?? []), ...env])].sort();
  const label =
    env.length === 0 ? "All environments" : env.length === 1 ? (env[0] ?? "") : `${env.length} environments`;
  return (
    <Popover position="bottom-end" trapFocus>
      <Popover.Target>
        <Button
          variant="default"
          leftSection={<IconStack2 size={15} stroke={1.6} />}
          maw={170}
          style={{ flexShrink: 1, minWidth: 0 }}
        >
          {label}
        </Button>
      </Popover.Target>
      <Popover.Dropdown mah="70vh" style={{ overflowY: "auto" }}>
        {names.length === 0 && (
          <p className="soft small" style={{ margin: 0, maxWidth: 220 }}>
            No environment has been seen yet: set the resource attribute <code>deployment.environment.name</code>.
          </p>
        )}
        {names.map((name) => (
          <Checkbox
            key={name}
            size="xs"
            mb={6}
            label={name || "(none)"}
            checked={env.includes(name)}
            onChange={(event) =>
              setEnv(event.currentTarget.checked ? [...env, name] : env.filter((one) => one !== name))
            }
          />
        ))}
        {env.length > 0 && (
          <Button variant="subtle" size="compact-xs" onClick={() => setEnv([])}>
            All environments
          </Button>
        )}
      </Popover.Dropdown>
    </Popover>
  );
}
