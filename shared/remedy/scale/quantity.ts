/** Suffixes of a Kubernetes quantity (apimachinery resource/suffix.go), as powers. */
const suffixes: Record<string, number> = {
  ...{ m: 1e-3, "": 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18 },
  ...{ Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50, Ei: 2 ** 60 },
};

/** `500m`, `2`, `0.5`, `512Mi` in cores or bytes; undefined for anything else. */
export const quantity = (text: string): number | undefined => {
  const parts = /^(\d+(?:\.\d+)?)([A-Za-z]*)$/.exec(text.trim());
  const unit = parts && suffixes[parts[2] ?? ""];
  const amount = unit ? Number(parts[1]) * unit : Number.POSITIVE_INFINITY;
  return Number.isFinite(amount) ? amount : undefined;
};

const binary: [string, number][] = [
  ["Ti", 2 ** 40],
  ["Gi", 2 ** 30],
  ["Mi", 2 ** 20],
  ["Ki", 2 ** 10],
];

/** An amount as a quantity: `2500m`, `12`, `4Gi`, `512Mi`. */
export const inUnits = (amount: number, resource: "cpu" | "memory"): string => {
  if (resource === "cpu")
    return Number.isInteger(round(amount)) ? String(round(amount)) : `${Math.round(amount * 1000)}m`;
  const unit = binary.find(([, size]) => amount >= size && amount % size === 0);
  return unit ? `${amount / unit[1]}${unit[0]}` : String(Math.ceil(amount));
};

const round = (amount: number): number => Math.round(amount * 1e6) / 1e6;
