import { Button, Modal, MultiSelect, NumberInput, Select, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { type FormEvent, useState } from "react";
import { useApi, useChange } from "@/api/queries";
import type { ApiToken, ApiTokenCreate, ApiTokenCreated, ApiTokenList, Role } from "@/api/types";
import { LongTable } from "@/components/LongTable";
import { Empty, Loaded, Refused } from "@/components/State";
import { RelativeTime } from "@/components/Time";
import { Confirm } from "@/components/Confirm";
import { Once } from "./Once";
import { ROLES } from "./roles";

const COLUMNS = [
  { label: "Name" },
  { label: "Whose" },
  { label: "Begins with" },
  { label: "Role" },
  { label: "Scopes" },
  { label: "Created" },
  { label: "Last used" },
  { label: "Ends" },
  { label: "Act", numeric: true },
];

export function Tokens() {
  const query = useApi<ApiTokenList>("tokens");
  const [adding, { open, close }] = useDisclosure(false);
  const [secret, setSecret] = useState<string | null>(null);
  const revoke = useChange<string>((id) => ({ path: `tokens/${id}`, method: "DELETE" }), ["tokens"]);
  return (
    <>
      <div className="spread">
        <span className="soft">
          A token lets a program read or change what its role may, and never more than its owner may.
        </span>
        <Button onClick={open}>Create token</Button>
      </div>
      <Refused error={revoke.error} />
      <Loaded
        query={query}
        what="the tokens"
        empty={(data) =>
          data.tokens.length === 0 && <Empty title="No API tokens yet">Create one for a script or for Grafana.</Empty>
        }
      >
        {(data) => (
          <LongTable
            label="API tokens"
            what={["token", "tokens"]}
            items={data.tokens}
            columns={COLUMNS}
            text={(token) => `${token.name} ${token.owner ?? ""} ${token.prefix} ${token.role}`}
            row={(token) => (
              <tr key={token.id}>
                <td>{token.name}</td>
                <td>{token.owner ?? "Midwatch’s own"}</td>
                <td className="mono">{token.prefix}…</td>
                <td>{token.role}</td>
                <td>{token.scopes.join(", ")}</td>
                <td>
                  <RelativeTime time={token.created_at} /> by {token.created_by}
                </td>
                <td>
                  <RelativeTime time={token.last_used_at} />
                </td>
                <td>{token.expires_at ? <RelativeTime time={token.expires_at} /> : "never"}</td>
                <td className="num">
                  <Confirm
                    act="Revoke token"
                    what={`Programs that use “${token.name}” will be refused from now on.`}
                    onConfirm={() => revoke.mutate(token.id)}
                  />
                </td>
              </tr>
            )}
          />
        )}
      </Loaded>
      <Modal opened={adding} onClose={close} title="Create token" closeButtonProps={{ "aria-label": "Close" }}>
        <TokenForm
          onMade={(made) => {
            close();
            setSecret(made.token);
          }}
        />
      </Modal>
      <Once title="The new token" secret={secret} onClose={() => setSecret(null)} />
    </>
  );
}

function TokenForm({ onMade }: { onMade: (made: ApiTokenCreated) => void }) {
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("viewer");
  const [scopes, setScopes] = useState<ApiToken["scopes"]>(["read"]);
  const [days, setDays] = useState<number | null>(null);
  const make = useChange<ApiTokenCreate, ApiTokenCreated>(
    (body) => ({ path: "tokens", method: "POST", body }),
    ["tokens"],
  );
  function submit(event: FormEvent) {
    event.preventDefault();
    make.mutate({ name, role, scopes, expires_days: days }, { onSuccess: onMade });
  }
  return (
    <form onSubmit={submit} style={{ display: "flex", flexDirection: "column", gap: 12 }}>
      <TextInput
        size="sm"
        label="Name"
        required
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Select
        size="sm"
        label="Role"
        data={ROLES}
        allowDeselect={false}
        value={role}
        onChange={(next) => setRole(next as Role)}
      />
      <MultiSelect
        size="sm"
        label="Scopes"
        data={["read", "write", "admin"]}
        value={scopes}
        onChange={(next) => setScopes(next as ApiToken["scopes"])}
      />
      <NumberInput
        size="sm"
        label="Ends after days"
        description="Empty: never"
        min={1}
        value={days ?? ""}
        onChange={(value) => setDays(value === "" ? null : Number(value))}
      />
      <Refused error={make.error} />
      <Button type="submit" size="sm" loading={make.isPending}>
        Create token
      </Button>
    </form>
  );
}
