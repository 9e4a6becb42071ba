type Zlib = typeof import("node:zlib");

/** zlib takes 1 to 3 ms to load, and most starts need none of it: its functions load it when they are called. */
const zlib = (): Zlib => process.getBuiltinModule("node:zlib");

export const createGunzip: Zlib["createGunzip"] = (options) => zlib().createGunzip(options);
export const crc32: Zlib["crc32"] = (data, value) => zlib().crc32(data, value);
export const deflateSync: Zlib["deflateSync"] = (data, options) => zlib().deflateSync(data, options);

/** Slack's client unpacks an archive of analytics, which nobody asks for. */
export default {
  get unzip() {
    return zlib().unzip;
  },
};
