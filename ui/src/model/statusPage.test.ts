import { expect, test } from "vitest";
import { mailsText } from "./statusPage";

test.each([
  [{ delivered: 1, waiting: 0, failed: 0 }, "1 mail sent"],
  [{ delivered: 1200, waiting: 2, failed: 1 }, "1,200 mails sent, 2 waiting, 1 not delivered"],
  [{ delivered: 0, waiting: 3, failed: 0 }, "0 mails sent, 3 waiting"],
])("what became of mails is said without what there is none of", (mails, text) => {
  expect(mailsText(mails)).toBe(text);
});
