// Renews the regions marked data-live, lets quiet forms post without leaving the page, and opens modals as modals.
const everyMs = 1000;
const shown = regions(document);

function regions(page) {
  return new Map([...page.querySelectorAll("[data-live]")].map((region) => [region.id, region.innerHTML]));
}

function atEnd() {
  return window.innerHeight + window.scrollY >= document.body.scrollHeight - 80;
}

function show(text) {
  const page = new DOMParser().parseFromString(text, "text/html");
  const next = regions(page);
  const follow = document.body.classList.contains("slack") && atEnd();
  for (const [id, content] of next) {
    const region = document.getElementById(id);
    // An open dialog or menu stays until it is closed.
    if (!region || shown.get(id) === content || region.querySelector(":popover-open, .menu[open]")) continue;
    const open = [...region.querySelectorAll("details.thread[open]")].map((one) => one.id);
    region.innerHTML = content;
    for (const thread of region.querySelectorAll("details.thread")) thread.open = open.includes(thread.id);
    shown.set(id, content);
  }
  if (follow) window.scrollTo({ top: document.body.scrollHeight });
  openModal();
}

function openModal() {
  const dialog = document.querySelector("dialog");
  if (!dialog || dialog.matches(":modal")) return;
  dialog.open = false;
  dialog.showModal();
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    const form = dialog.querySelector("form");
    form.requestSubmit(form.querySelector("[name=close]"));
  });
  dialog.querySelector("textarea, input:not([type=hidden])")?.focus();
}

async function load(url, init) {
  const response = await fetch(url, init);
  if (response.redirected) history.replaceState(null, "", response.url);
  show(await response.text());
}

async function renew() {
  if (document.visibilityState === "visible") {
    const ok = await load(location.href).then(
      () => true,
      () => false,
    );
    document.body.classList.toggle("lost", !ok);
  }
  setTimeout(renew, everyMs);
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-quiet]")) return;
  event.preventDefault();
  const body = new URLSearchParams(new FormData(form, event.submitter));
  form.closest("[popover]")?.hidePopover();
  event.submitter?.setAttribute("disabled", "");
  event.submitter?.classList.add("busy");
  await load(form.getAttribute("action"), { method: "POST", body }).catch(() =>
    document.body.classList.add("lost"),
  );
  event.submitter?.removeAttribute("disabled");
  event.submitter?.classList.remove("busy");
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-choose]")) event.target.form.submit();
});

openModal();
if (document.body.classList.contains("slack")) window.scrollTo({ top: document.body.scrollHeight });
if (shown.size > 0) setTimeout(renew, everyMs);
