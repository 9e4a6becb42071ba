// Plain JavaScript, so that every Node can read it: it runs before the program, whose TypeScript and SQLite need Node 24.
const needed = 24;

if (Number(process.versions.node.split(".", 1)[0]) < needed) {
  console.error(
    `Countersteer needs Node ${needed} or newer, and this is Node ${process.versions.node}: install Node ${needed}, or in a checkout run npm ci without --omit=dev, which brings it along`,
  );
  process.exit(1);
}
