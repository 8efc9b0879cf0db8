import { Button, Modal, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useState } from "react";
import { useApi, useChange } from "@/api/queries";
import type { StatusSubscriberList, StatusSubscriptions } from "@/api/types";
import { Section } from "@/components/PageFrame";
import { Loaded, Notice, Refused } from "@/components/State";
import { RelativeTime } from "@/components/Time";
import { formatCount, plural } from "@/lib/format";
import { mailsText } from "@/model/statusPage";
import { Confirm } from "@/components/Confirm";
import { useMayAdminister } from "@/state/role";
import classes from "./StatusPage.module.css";

/** How many follow the page by mail, and whether their mails go out; admins see who they are. */
export function Subscribers({
  subscriptions: { offered, mail_server, subscribers, mails, waiting_since, error },
  listed,
  onList,
}: {
  subscriptions: StatusSubscriptions;
  listed: boolean;
  onList: (listed: boolean) => void;
}) {
  const mayAdminister = useMayAdminister();
  return (
    <Section title="Subscribers">
      <div className="spread">
        <p style={{ margin: 0 }}>
          {plural(subscribers, "subscriber")} by mail
          {subscribers + mails.delivered + mails.failed > 0 && (
            <span className="soft"> · {mailsText(mails)} in 90 days</span>
          )}
        </p>
        {mayAdminister && subscribers > 0 && (
          <Button size="compact-xs" variant="default" onClick={() => onList(true)}>
            Show addresses
          </Button>
        )}
      </div>
      {!offered && (
        <p className="small soft">
          {mail_server ? (
            "The page has no form for new ones: it is turned off in the page’s definition."
          ) : (
            <>
              The page gets a form for them with a mail server: <code>smtp_smarthost</code> and <code>smtp_from</code>{" "}
              in <code>global</code> of <code>alertmanager.yml</code>.
            </>
          )}
        </p>
      )}
      {error && waiting_since && (
        <Notice tone="bad">
          Mails wait since <RelativeTime time={waiting_since} />, and are tried again for a day. The last attempt:{" "}
          {error}
        </Notice>
      )}
      <Modal
        opened={listed && mayAdminister}
        onClose={() => onList(false)}
        title="Subscribers"
        closeButtonProps={{ "aria-label": "Close" }}
      >
        {listed && <Addresses />}
      </Modal>
    </Section>
  );
}

function Addresses() {
  const [text, setText] = useState("");
  const [containing] = useDebouncedValue(text, 200);
  const query = useApi<StatusSubscriberList>("status-page/subscribers", { containing });
  const remove = useChange<string>(
    (id) => ({ path: `status-page/subscribers/${id}`, method: "DELETE" }),
    ["status-page", "status-page/subscribers"],
  );
  return (
    <>
      <TextInput
        label="Find an address"
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        data-autofocus
      />
      <Loaded query={query} what="the subscribers">
        {({ subscribers, count }) => (
          <>
            <ul className={classes.subscribers}>
              {subscribers.map((one) => (
                <li key={one.id}>
                  <span className={classes.address}>
                    {one.address}
                    <span className="small soft">
                      {one.components.join(", ") || "All components"}, subscribed <RelativeTime time={one.since} />
                    </span>
                  </span>
                  <Confirm
                    act="Delete subscriber"
                    what={`${one.address} gets no more mails, and the address is forgotten.`}
                    busy={remove.isPending && remove.variables === one.id}
                    onConfirm={() => remove.mutate(one.id)}
                  />
                </li>
              ))}
            </ul>
            {count === 0 && <p className="soft">No address {containing ? `contains “${containing}”` : "is there"}.</p>}
            {count > subscribers.length && (
              <p className="small soft">
                {formatCount(subscribers.length)} of {formatCount(count)} are shown: find others by a part of their
                address.
              </p>
            )}
          </>
        )}
      </Loaded>
      <Refused error={remove.error} />
    </>
  );
}
