import { BlockList, isIP } from "node:net";

/** Whether an IP address is in a list such as `10.0.0.0/8, ::1`. Undefined when the text is not such a list. */
export const addressList = (text: string): ((address: string | undefined) => boolean) | undefined => {
  const list = new BlockList();
  for (const entry of text.split(",").map((one) => one.trim())) {
    const [address = "", prefix, ...more] = entry.split("/");
    const family = familyOf(address);
    if (family === undefined || more.length > 0) return undefined;
    const bits = prefix === undefined ? undefined : prefixOf(prefix, family);
    if (prefix !== undefined && bits === undefined) return undefined;
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, bits, family);
  }
  return (address) => {
    // A socket for both families tells an IPv4 peer as ::ffff:10.0.0.1.
    const plain = address?.replace(/^::ffff:(?=\d+\.)/i, "") ?? "";
    const family = familyOf(plain);
    return family !== undefined && list.check(plain, family);
  };
};

type Family = "ipv4" | "ipv6";

const familyOf = (address: string): Family | undefined => {
  const version = isIP(address);
  if (version === 0) return undefined;
  return version === 4 ? "ipv4" : "ipv6";
};

const prefixOf = (text: string, family: Family): number | undefined => {
  const bits = /^\d{1,3}$/.test(text) ? Number(text) : Number.NaN;
  return bits <= (family === "ipv4" ? 32 : 128) ? bits : undefined;
};
