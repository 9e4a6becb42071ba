import { type Language, packageOf, type Service, sourcePath } from "./languages.ts";
import { camel, kebab, pascal, snake, words } from "./names.ts";
import type { World } from "./world.ts";

/** The exception of a missing value, by language. */
export const exceptions: Record<Language, string> = {
  go: "panic: runtime error: invalid memory address or nil pointer dereference",
  java: "java.lang.NullPointerException",
  py: "AttributeError: 'NoneType' object has no attribute",
  ts: "TypeError: Cannot read properties of undefined",
  ruby: "NoMethodError: undefined method",
};

/** A stack trace of the world's service; `inner` names its own files with a function each, the innermost first. */
export const trace = (world: World, message: string, inner: [name: string, called: string][]): string => {
  const { dice, service } = world;
  const own = inner.map((frame) => frameOf(world, frame));
  const rest = frameworks[service.language];
  if (service.language === "go")
    return [message, `goroutine ${dice.int(40, 9000)} [running]:`, ...own, rest[0]].join("\n");
  if (service.language === "py")
    return ["Traceback (most recent call last):", ...rest.toReversed(), ...own.toReversed(), message].join(
      "\n",
    );
  return [message, ...own, ...rest].join("\n");
};

const frameOf = ({ dice, service }: World, [name, called]: [string, string]): string => {
  const path = sourcePath(service, name);
  const line = dice.int(24, 310);
  if (service.language === "go")
    return `${goPackage(service, path)}.(*${pascal(words(name).at(-1)!)}).${pascal(called)}(0xc000${dice.hex(6)})\n\t/src/${path}:${line} +0x${dice.hex(3)}`;
  if (service.language === "java")
    return `\tat com.${packageOf(service)}.${pascal(name)}.${camel(called)}(${pascal(name)}.java:${line})`;
  if (service.language === "py")
    return `  File "/app/${snake(service.name)}/${snake(name)}.py", line ${line}, in ${snake(called)}`;
  if (service.language === "ruby") return `app/services/${snake(name)}.rb:${line}:in \`${snake(called)}'`;
  return `    at ${camel(called)} (/app/src/${kebab(name)}.ts:${line}:${dice.int(3, 40)})`;
};
const goPackage = ({ org }: Service, path: string): string =>
  `github.com/${org}/platform/${path.replace(/\/[^/]+$/, "")}`;

const frameworks: Record<Language, string[]> = {
  go: ["net/http.HandlerFunc.ServeHTTP\n\t/usr/local/go/src/net/http/server.go:2136"],
  java: [
    "\tat org.springframework.web.servlet.FrameworkServlet.service(FrameworkServlet.java:883)",
    "\tat java.base/java.util.concurrent.ThreadPoolExecutor.runWorker(ThreadPoolExecutor.java:1136)",
    "\tat org.apache.catalina.core.ApplicationFilterChain.doFilter(ApplicationFilterChain.java:162)",
  ],
  py: [
    '  File "/usr/local/lib/python3.11/site-packages/starlette/routing.py", line 718, in __call__',
    '  File "/usr/local/lib/python3.11/site-packages/gunicorn/workers/sync.py", line 135, in handle',
  ],
  ts: [
    "    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)",
    "    at Layer.handle [as handle_request] (/app/node_modules/express/lib/router/layer.js:95:5)",
  ],
  ruby: [
    "/usr/local/bundle/gems/rack-2.2.8/lib/rack/runtime.rb:22:in `call'",
    "/usr/local/bundle/gems/actionpack-7.0.8/lib/action_controller/metal/basic_implicit_render.rb:6:in `send_action'",
  ],
};
