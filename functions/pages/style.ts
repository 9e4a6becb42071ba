import { raw } from "hono/html";

/** The one stylesheet of the pages, inlined so that they need nothing else. */
export const style = raw(`
:root{color-scheme:light dark;--fg:#1b1f24;--bg:#fff;--quiet:#636c76;--line:#d8dee4;--soft:#f6f8fa;--link:#0b5cad;--good:#1a7f37;--bad:#c62828;--busy:#9a6700}
@media (prefers-color-scheme:dark){:root{--fg:#e6edf3;--bg:#0d1117;--quiet:#8d96a0;--line:#30363d;--soft:#161b22;--link:#6cb6ff;--good:#3fb950;--bad:#ff7b72;--busy:#d29922}}
*{box-sizing:border-box}body{margin:0;font:16px/1.5 system-ui,sans-serif;color:var(--fg);background:var(--bg)}
header{border-bottom:1px solid var(--line);padding:.7rem 1.2rem;display:flex;flex-wrap:wrap;gap:.5rem;align-items:center;justify-content:space-between}
button{font:inherit;padding:.2rem .8rem;border:1px solid var(--line);border-radius:.3rem;background:var(--soft);color:var(--fg);cursor:pointer}
.session,.session button{font-size:.9rem}.sign-in label{display:block;margin:.8rem 0 .2rem}.sign-in input{font:inherit;padding:.2rem .5rem;max-width:100%;border:1px solid var(--line);border-radius:.3rem;background:var(--bg);color:var(--fg)}
.brand{font-weight:700;color:var(--fg);text-decoration:none}
main{max-width:62rem;margin:0 auto;padding:1.2rem}h1{font-size:1.5rem;margin:.4rem 0}h2{font-size:1.1rem;margin:1.6rem 0 .4rem}
a{color:var(--link)}code{font:.9em ui-monospace,monospace;background:var(--soft);padding:.1em .3em;border-radius:.3em;overflow-wrap:anywhere}
.quiet{color:var(--quiet);font-weight:400}.lead{font-size:1.1rem;margin:.2rem 0 .8rem}.pre{white-space:pre-wrap;background:var(--soft);border-left:3px solid var(--bad);padding:.6rem .8rem;border-radius:.3rem}
.waiting{border-left:3px solid var(--busy);background:var(--soft);padding:.6rem .8rem;border-radius:.3rem}
.badge{display:inline-block;font-size:.8rem;font-weight:600;padding:.1rem .6rem;border-radius:1rem;border:1px solid var(--line);color:var(--quiet);vertical-align:middle}
.badge.good{color:var(--good);border-color:var(--good)}.badge.bad{color:var(--bad);border-color:var(--bad)}.badge.busy{color:var(--busy);border-color:var(--busy)}
.cards{list-style:none;padding:0;display:grid;gap:.7rem}.cards li{border:1px solid var(--line);border-radius:.5rem;padding:.7rem 1rem}.cards p{margin:.3rem 0 0}
table{border-collapse:collapse;width:100%;display:block;overflow-x:auto}th,td{text-align:left;vertical-align:top;padding:.5rem .7rem;border-bottom:1px solid var(--line)}th{font-size:.85rem;color:var(--quiet)}td ul{margin:0;padding-left:1.1rem}.number{font-variant-numeric:tabular-nums;white-space:nowrap;font-weight:600}
@media (max-width:40rem){thead{display:none}table,tbody,tr,td{display:block}tr{border-bottom:1px solid var(--line);padding:.5rem 0}td{border:0;padding:.2rem 0;overflow-wrap:anywhere}}
.timeline{list-style:none;padding:0;border-left:2px solid var(--line);margin-left:.4rem}.timeline li{position:relative;padding:.3rem 0 .3rem 1rem;overflow-wrap:anywhere}.timeline li::before{content:"";position:absolute;left:-.4rem;top:.85rem;width:.65rem;height:.65rem;border-radius:50%;background:var(--link)}
time{color:var(--quiet);font-variant-numeric:tabular-nums;font-size:.9rem}
`);
