import { foldCase } from "./fold-case.ts";

/** A person or a program that reads the pages. `groups` are those that the login tells; `all` sees every service. */
export type Reader = {
  name: string;
  groups: string[] | "all";
  /** Only one that the login vouches for. */
  email?: string;
};

/** Whether the reader is meant by a list of groups, e-mail addresses and `*@DOMAIN`. Without a list everybody is. */
export const sees = ({ groups, email }: Reader, visibleTo: string[] | undefined): boolean => {
  if (visibleTo === undefined || groups === "all") return true;
  const address = email === undefined ? undefined : foldCase(email);
  return visibleTo.some((one) => {
    if (!one.includes("@")) return groups.includes(one);
    const wanted = foldCase(one);
    return wanted.startsWith("*@") ? address?.endsWith(wanted.slice(1)) === true : address === wanted;
  });
};

type Visible = { visibleTo?: string[]; services: { name: string; visibleTo?: string[] }[] };

/** The predicate that tells which services' incidents the reader sees. Those of a removed service are for readers of everything. */
export const visibleServices = (
  { visibleTo: preset, services }: Visible,
  reader: Reader,
): ((service: string) => boolean) => {
  const isLimited = preset !== undefined || services.some(({ visibleTo }) => visibleTo !== undefined);
  if (!isLimited || reader.groups === "all") return () => true;
  const names = new Set(
    services.filter(({ visibleTo = preset }) => sees(reader, visibleTo)).map(({ name }) => name),
  );
  return (service) => names.has(service);
};
