/** What the caller is told instead of an answer. */
export class Refused extends Error {
  name = "Refused";

  constructor(status, message) {
    super(message);
    this.status = status;
  }
}
