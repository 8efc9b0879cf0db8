import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { request } from "@/api/client";
import type { Me } from "@/api/types";
import { Title } from "@/components/PageFrame";
import { Refused } from "@/components/State";
import { SetPassword } from "./SetPassword";
import classes from "./SignIn.module.css";
import { safeNext } from "./url";

/** Email and password, or a one-time link; after a link one is asked for a password. */
export function SignIn() {
  const { token, next } = useSearch({ from: "/signin" });
  const navigate = useNavigate();
  const client = useQueryClient();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Error | null>(null);
  const [me, setMe] = useState<Me | null>(null);
  const used = useRef("");

  function enter() {
    client.clear();
    void navigate({ href: safeNext(next), replace: true } as never);
  }

  async function sign(path: string, body: object) {
    setBusy(true);
    setFailure(null);
    try {
      const who = await request<Me>(path, { method: "POST", body });
      if (who.must_set_password) setMe(who);
      else enter();
    } catch (error) {
      setFailure(error instanceof Error ? error : new Error(String(error)));
    } finally {
      setBusy(false);
    }
  }

  useEffect(() => {
    document.title = "Sign in · Midwatch";
    if (!token || used.current === token) return;
    used.current = token;
    // A one-time token must not stay in the address or the history.
    window.history.replaceState(null, "", "/signin");
    void sign("auth/link", { token });
  });

  function submit(event: FormEvent) {
    event.preventDefault();
    void sign("auth/login", { email, password });
  }

  return (
    <main className={classes.page}>
      <Title title={me ? "Choose a password" : "Sign in"} />
      <div className={classes.panel}>
        <div className={classes.brand}>
          <img src="/favicon.svg" width={32} height={32} alt="" />
          <h1>{me ? "Choose a password" : "Sign in to Midwatch"}</h1>
        </div>
        <Refused error={failure} />
        {me ? (
          <SetPassword email={me.email} onDone={enter} />
        ) : token && busy ? (
          <p className="soft">Signing in with the link …</p>
        ) : (
          <form onSubmit={submit} className={classes.form}>
            <TextInput
              label="Email"
              size="sm"
              type="email"
              autoComplete="username"
              required
              autoFocus
              value={email}
              onChange={(event) => setEmail(event.currentTarget.value)}
            />
            <PasswordInput
              label="Password"
              autoComplete="current-password"
              required
              value={password}
              onChange={(event) => setPassword(event.currentTarget.value)}
            />
            <Button type="submit" size="sm" loading={busy}>
              Sign in
            </Button>
          </form>
        )}
        {!me && (
          <p className="small soft">
            No password yet? Open the one-time link from the server's first start, or make a new one with{" "}
            <code>midwatch users link EMAIL</code>.
          </p>
        )}
      </div>
    </main>
  );
}
