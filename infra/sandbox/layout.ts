import { html } from "hono/html";

export type Html = ReturnType<typeof html>;

/** The frame of every page. `kind` chooses its look. Regions marked `data-live` renew themselves. */
export const layout = (
  title: string,
  kind: "github" | "slack" | "index",
  body: Html,
): Html => html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/style.css">
<script src="/live.js" defer></script>
</head>
<body class="${kind}">
${body}
<p class="offline" role="status">The sandbox does not answer. Trying again…</p>
</body>
</html>`;

export const time = (at: number): Html => {
  const date = new Date(at);
  const words = date.toLocaleString("en-GB", {
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
    timeZone: "UTC",
    timeZoneName: "short",
  });
  return html`<time datetime="${date.toISOString()}">${words}</time>`;
};

export const topBar = (trail: Html): Html =>
  html`<header class="bar"><a class="home" href="/">Sandbox</a> ${trail}</header>`;
