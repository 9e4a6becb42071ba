import { join, relative } from "node:path";
import { messageOf } from "../../../shared/errors.ts";
import { packTemplate } from "./pack-template.ts";

const usage = `usage: npm run template [-- OUT]

Writes one parameterised CloudFormation template, countersteer.json, and the packages that it names to OUT (.template). Upload the packages
to a bucket below a folder of the release, and give both as CodeBucket and CodePrefix. Needs no account and no configuration.`;

const root = join(import.meta.dirname, "../../..");

const main = async ([out = join(root, ".template"), ...others]: string[]): Promise<number> => {
  if (out.startsWith("-") || others.length > 0) {
    console.error(usage);
    return 2;
  }
  try {
    await packTemplate(root, out);
    console.log(`${relative(process.cwd(), out)}/countersteer.json and its packages`);
    return 0;
  } catch (error) {
    console.error(messageOf(error));
    return 1;
  }
};

process.exitCode = await main(process.argv.slice(2));
