/** What every page of these does: something large, a shift, a resource, a long task, a call, and a route of its own. */

const LONG_MS = 120;
const FRAME_MS = 40;

export const dsn = new URLSearchParams(location.search).get("dsn");

export function build() {
  const heading = document.createElement("h1");
  heading.textContent = "The whole of the shop, in one line that is large enough to be the largest";
  const below = document.createElement("p");
  below.textContent = "What stands here is moved down by what comes late.";
  const buy = document.createElement("button");
  buy.id = "buy";
  buy.textContent = "Buy";
  buy.addEventListener("click", () => {
    busy(LONG_MS);
    void fetch(`/api/orders${location.search}`).then((answer) => answer.text()).then((text) => {
      below.textContent = text;
    });
  });
  const go = document.createElement("button");
  go.id = "go";
  go.textContent = "Go";
  go.addEventListener("click", () => history.pushState({}, "", `/products/42${location.search}`));
  document.body.append(heading, below, buy, go);
  setTimeout(() => {
    const late = document.createElement("div");
    late.style.height = "200px";
    late.textContent = "Late";
    document.body.prepend(late);
    busy(LONG_MS);
    document.documentElement.dataset.ready = "1";
  }, 8 * FRAME_MS);
}

function busy(milliseconds) {
  const until = performance.now() + milliseconds;
  while (performance.now() < until);
}
