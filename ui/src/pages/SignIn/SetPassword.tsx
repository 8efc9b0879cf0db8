import { Button, PasswordInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { request } from "@/api/client";
import classes from "./SignIn.module.css";

const LENGTH_MIN = 10;

export function SetPassword({ email, onDone }: { email: string; onDone: () => void }) {
  const [password, setPassword] = useState("");
  const [failure, setFailure] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (password.length < LENGTH_MIN) {
      setFailure(`Expected at least ${LENGTH_MIN} characters`);
      return;
    }
    setBusy(true);
    try {
      await request("auth/password", { method: "POST", body: { new_password: password } });
      onDone();
    } catch (error) {
      setFailure(error instanceof Error ? error.message : String(error));
      setBusy(false);
    }
  }

  return (
    <form onSubmit={(event) => void submit(event)} className={classes.form}>
      <p className="soft">
        You are signed in as {email}. With a password you can sign in again without a link; at least {LENGTH_MIN}{" "}
        characters.
      </p>
      <input type="hidden" name="username" autoComplete="username" value={email} readOnly />
      <PasswordInput
        label="New password"
        autoComplete="new-password"
        autoFocus
        value={password}
        error={failure}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
      <Button type="submit" size="sm" loading={busy}>
        Set password
      </Button>
      <Button variant="subtle" size="sm" onClick={onDone}>
        Later
      </Button>
    </form>
  );
}
