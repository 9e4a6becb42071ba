/**
 * The one script of the pages. It shows times in the reader's zone, and on an open incident it fetches the page every few seconds and
 * replaces the parts that have changed: never one with the focus, a selection or an open dialog in it. Unfolded sections stay unfolded.
 */
export const liveScript = `
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const shapes = {
  minute: { hour: "2-digit", minute: "2-digit" },
  seconds: { hour: "2-digit", minute: "2-digit", second: "2-digit" },
  day: { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" },
};
const told = (at, how) => new Date(at).toLocaleString("sv-SE", shapes[how] || shapes.minute);
const localise = (root) => {
  for (const one of root.querySelectorAll("time[data-how]")) one.textContent = told(one.dateTime, one.dataset.how);
  for (const one of root.querySelectorAll("text[data-at]"))
    one.textContent = told(Number(one.dataset.at), one.textContent.length > 5 ? "seconds" : "minute");
};
const seen = new Map([...document.querySelectorAll("[data-part]")].map((part) => [part.id, part.innerHTML]));
localise(document);
for (const one of document.querySelectorAll("[data-zone]")) one.textContent = zone === "UTC" ? "Times are UTC" : "Times are " + zone + "; hover for UTC";
const isBusy = (part) => {
  const picked = getSelection();
  return part.contains(document.activeElement) || part.querySelector(":popover-open") ||
    (picked && !picked.isCollapsed && picked.containsNode(part, true));
};
const renew = (next) => {
  for (const part of next.querySelectorAll("[data-part]")) {
    const old = document.getElementById(part.id);
    if (!old || seen.get(part.id) === part.innerHTML || isBusy(old)) continue;
    seen.set(part.id, part.innerHTML);
    const open = [...old.querySelectorAll("details[open][id]")].map((one) => one.id);
    old.innerHTML = part.innerHTML;
    old.className = part.className;
    for (const one of old.querySelectorAll("details[id]")) if (open.includes(one.id)) one.open = true;
    localise(old);
  }
  document.title = next.title;
};
const look = async () => {
  if (document.visibilityState === "visible") {
    const answer = await fetch(location.href, { headers: { accept: "text/html" } }).catch(() => undefined);
    if (answer && answer.ok && !answer.redirected) {
      const next = new DOMParser().parseFromString(await answer.text(), "text/html");
      renew(next);
      if (!next.querySelector("[data-live]")) return;
    }
  }
  setTimeout(look, 5000);
};
if (document.querySelector("[data-live]")) setTimeout(look, 5000);
`;

/** The script's digest in the Content-Security-Policy. A test compares it. */
export const liveDigest = "sha256-OoXkWPqIhdhNROJnvYJzev1rFsO7rur1zwAd+YAHDjY=";
