import { Button, Modal, Select, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { type FormEvent, useState } from "react";
import { useApi, useChange } from "@/api/queries";
import type { Role, UserChange, UserCreate, UserCreated, UserList } from "@/api/types";
import { LongTable } from "@/components/LongTable";
import { Loaded, Refused } from "@/components/State";
import { RelativeTime } from "@/components/Time";
import { Confirm } from "@/components/Confirm";
import { Once } from "./Once";
import { ROLES } from "./roles";

const COLUMNS = [
  { label: "Email" },
  { label: "Name" },
  { label: "Role" },
  { label: "Last seen" },
  { label: "Act", numeric: true },
];

export function Users() {
  const query = useApi<UserList>("users");
  const [adding, { open, close }] = useDisclosure(false);
  const [link, setLink] = useState<string | null>(null);
  const change = useChange<{ id: string; part: UserChange }>(
    ({ id, part }) => ({ path: `users/${id}`, method: "PATCH", body: part }),
    ["users"],
  );
  return (
    <>
      <div className="spread">
        <span className="soft">
          Viewers read; editors change boards; engineers run SQL and keys; admins do everything.
        </span>
        <Button onClick={open}>Add user</Button>
      </div>
      <Refused error={change.error} />
      <Loaded query={query} what="the users">
        {(data) => (
          <LongTable
            label="Users"
            what={["user", "users"]}
            items={data.users}
            columns={COLUMNS}
            text={(user) => `${user.email} ${user.name} ${user.role}`}
            row={(user) => (
              <tr key={user.id} className={user.disabled ? "soft" : undefined}>
                <td>{user.email}</td>
                <td>{user.name}</td>
                <td>
                  <Select
                    aria-label={`Role of ${user.email}`}
                    data={ROLES}
                    allowDeselect={false}
                    w={120}
                    styles={{ input: { height: 26, minHeight: 26 } }}
                    value={user.role}
                    onChange={(role) => change.mutate({ id: user.id, part: { role: role as Role } })}
                  />
                </td>
                <td>
                  <RelativeTime time={user.last_seen_at} />
                </td>
                <td className="num">
                  {user.disabled ? (
                    <Button
                      variant="subtle"
                      size="compact-xs"
                      onClick={() => change.mutate({ id: user.id, part: { disabled: false } })}
                    >
                      Enable
                    </Button>
                  ) : (
                    <Confirm
                      act="Disable user"
                      what={`${user.email} is signed out everywhere and cannot sign in until enabled again.`}
                      onConfirm={() => change.mutate({ id: user.id, part: { disabled: true } })}
                    />
                  )}
                </td>
              </tr>
            )}
          />
        )}
      </Loaded>
      <Modal opened={adding} onClose={close} title="Add user" closeButtonProps={{ "aria-label": "Close" }}>
        <UserForm
          onMade={(made) => {
            close();
            setLink(new URL(made.signin_link, window.location.origin).toString());
          }}
        />
      </Modal>
      <Once title="Sign-in link for the new user" secret={link} onClose={() => setLink(null)} />
    </>
  );
}

function UserForm({ onMade }: { onMade: (made: UserCreated) => void }) {
  const [email, setEmail] = useState("");
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("viewer");
  const make = useChange<UserCreate, UserCreated>((body) => ({ path: "users", method: "POST", body }), ["users"]);
  function submit(event: FormEvent) {
    event.preventDefault();
    make.mutate({ email, name, role }, { onSuccess: onMade });
  }
  return (
    <form onSubmit={submit} style={{ display: "flex", flexDirection: "column", gap: 12 }}>
      <TextInput
        size="sm"
        type="email"
        label="Email"
        required
        value={email}
        onChange={(event) => setEmail(event.currentTarget.value)}
      />
      <TextInput size="sm" label="Name" value={name} onChange={(event) => setName(event.currentTarget.value)} />
      <Select
        size="sm"
        label="Role"
        data={ROLES}
        allowDeselect={false}
        value={role}
        onChange={(next) => setRole(next as Role)}
      />
      <Refused error={make.error} />
      <Button type="submit" size="sm" loading={make.isPending}>
        Add user
      </Button>
    </form>
  );
}
