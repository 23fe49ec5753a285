// `buffer`: Buffer, as far as programs use it without streams.
(function (kit) {
    "use strict";
    const { machine } = kit;
    const encodings = new Map([
        ["utf8", "utf8"],
        ["utf-8", "utf8"],
        ["hex", "hex"],
        ["base64", "base64"],
        ["base64url", "base64url"],
        ["latin1", "latin1"],
        ["binary", "latin1"],
        ["ascii", "ascii"],
        ["utf16le", "utf16le"],
        ["utf-16le", "utf16le"],
        ["ucs2", "utf16le"],
        ["ucs-2", "utf16le"],
    ]);

    const encodingOf = (name = "utf8") => {
        const encoding = encodings.get(`${name}`.toLowerCase());
        if (encoding === undefined)
            throw Object.assign(new TypeError(`Unknown encoding: ${name}`), { code: "ERR_UNKNOWN_ENCODING" });
        return encoding;
    };

    function encoded(text, name) {
        switch (encodingOf(name)) {
            case "hex": {
                const digits = /^(?:[0-9a-f]{2})*/i.exec(text)[0];
                return Uint8Array.from({ length: digits.length / 2 }, (_, i) =>
                    parseInt(digits.slice(2 * i, 2 * i + 2), 16),
                );
            }
            case "base64":
            case "base64url": {
                const plain = text
                    .replace(/[^A-Za-z0-9+/_-]/g, "")
                    .replaceAll("-", "+")
                    .replaceAll("_", "/");
                return Uint8Array.from(atob(plain.slice(0, plain.length % 4 === 1 ? -1 : undefined)), (char) =>
                    char.charCodeAt(0),
                );
            }
            case "latin1":
            case "ascii":
                return Uint8Array.from(text.split(""), (char) => char.charCodeAt(0));
            case "utf16le": {
                const bytes = new Uint8Array(text.length * 2);
                for (let i = 0; i < text.length; i++) {
                    bytes[2 * i] = text.charCodeAt(i) & 255;
                    bytes[2 * i + 1] = text.charCodeAt(i) >> 8;
                }
                return bytes;
            }
            default:
                return kit.utf8(text);
        }
    }

    function decoded(bytes, name) {
        switch (encodingOf(name)) {
            case "hex":
                return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
            case "base64":
                return btoa(kit.units(bytes, false));
            case "base64url":
                return btoa(kit.units(bytes, false)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
            case "latin1":
                return kit.units(bytes, false);
            case "ascii":
                return kit.units(
                    bytes.map((byte) => byte & 127),
                    false,
                );
            case "utf16le":
                return kit.units(bytes, true);
            default:
                return machine.decodeLossy(bytes);
        }
    }

    class Buffer extends Uint8Array {
        constructor(value, ...rest) {
            if (typeof value === "string") return Buffer.from(value, ...rest);
            super(value ?? 0, ...rest);
        }
        static from(value, encoding, length) {
            if (typeof value === "string") {
                const bytes = encoded(value, encoding);
                return new Buffer(bytes.buffer, bytes.byteOffset, bytes.byteLength);
            }
            if (value instanceof ArrayBuffer) return new Buffer(value, encoding, length);
            if (value?.type === "Buffer" && Array.isArray(value.data)) value = value.data;
            if (value === null || typeof value !== "object") {
                throw Object.assign(
                    new TypeError(
                        `The first argument must be of type string or an instance of Buffer, ArrayBuffer, or Array. Received ${kit.short(value)}`,
                    ),
                    { code: "ERR_INVALID_ARG_TYPE" },
                );
            }
            const bytes = Uint8Array.from(value);
            return new Buffer(bytes.buffer);
        }
        static alloc(size, fill = 0, encoding = undefined) {
            const buffer = new Buffer(size);
            return fill === 0 ? buffer : buffer.fill(fill, 0, size, encoding);
        }
        static allocUnsafe(size) {
            return new Buffer(size);
        }
        static isBuffer(value) {
            return value instanceof Buffer;
        }
        static isEncoding(name) {
            return encodings.has(`${name}`.toLowerCase());
        }
        static byteLength(value, encoding) {
            return typeof value === "string" ? encoded(value, encoding).length : value.byteLength;
        }
        static concat(list, length = list.reduce((sum, part) => sum + part.length, 0)) {
            const out = new Buffer(length);
            let at = 0;
            for (const part of list) {
                if (at >= length) break;
                out.set(part.subarray(0, length - at), at);
                at += part.length;
            }
            return out;
        }
        static compare(left, right) {
            return Buffer.prototype.compare.call(left, right);
        }
        static get poolSize() {
            return 8192;
        }

        toString(encoding, from = 0, to = this.length) {
            return decoded(this.subarray(from, to), encoding);
        }
        toJSON() {
            return { type: "Buffer", data: Array.from(this) };
        }
        toLocaleString(encoding) {
            return this.toString(encoding);
        }
        equals(other) {
            return this.compare(other) === 0;
        }
        compare(other) {
            const length = Math.min(this.length, other.length);
            for (let i = 0; i < length; i++) if (this[i] !== other[i]) return this[i] < other[i] ? -1 : 1;
            return Math.sign(this.length - other.length);
        }
        slice(from, to) {
            return this.subarray(from, to);
        }
        write(text, at = 0, length = this.length - at, encoding = undefined) {
            if (typeof at === "string") [at, length, encoding] = [0, this.length, at];
            if (typeof length === "string") [length, encoding] = [this.length - at, length];
            const bytes = encoded(text, encoding).subarray(0, Math.min(length, this.length - at));
            this.set(bytes, at);
            return bytes.length;
        }
        copy(target, at = 0, from = 0, to = this.length) {
            const part = this.subarray(from, Math.min(to, from + target.length - at));
            target.set(part, at);
            return part.length;
        }
        fill(value, from = 0, to = this.length, encoding = undefined) {
            if (typeof value !== "string" && typeof value !== "object") return super.fill(value, from, to);
            const bytes = typeof value === "string" ? encoded(value, encoding) : value;
            for (let i = from; i < to; i++) this[i] = bytes.length > 0 ? bytes[(i - from) % bytes.length] : 0;
            return this;
        }
        indexOf(value, from = 0, encoding = undefined) {
            if (typeof value === "number") return super.indexOf(value & 255, from);
            const bytes = typeof value === "string" ? encoded(value, encoding) : value;
            for (let at = from; at + bytes.length <= this.length; at++) {
                if (bytes.every((byte, i) => this[at + i] === byte)) return at;
            }
            return -1;
        }
        includes(value, from, encoding) {
            return this.indexOf(value, from, encoding) >= 0;
        }
        [Symbol.for("nodejs.util.inspect.custom")]() {
            const shown = decoded(this.subarray(0, 50), "hex").replace(/..(?=.)/g, "$& ");
            const left = this.length - 50;
            return `<Buffer${shown ? ` ${shown}` : ""}${left > 0 ? ` ... ${left} more byte${left > 1 ? "s" : ""}` : ""}>`;
        }
    }

    const view = (buffer) => new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
    const numbers = {
        UInt8: ["Uint8", 1],
        Int8: ["Int8", 1],
        UInt16: ["Uint16", 2],
        Int16: ["Int16", 2],
        UInt32: ["Uint32", 4],
        Int32: ["Int32", 4],
        Float: ["Float32", 4],
        Double: ["Float64", 8],
        BigUInt64: ["BigUint64", 8],
        BigInt64: ["BigInt64", 8],
    };
    for (const [name, [type, size]] of Object.entries(numbers)) {
        for (const order of size === 1 ? [""] : ["LE", "BE"]) {
            const methods = {
                [`read${name}${order}`](at = 0) {
                    return view(this)[`get${type}`](at, order === "LE");
                },
                [`write${name}${order}`](value, at = 0) {
                    view(this)[`set${type}`](at, value, order === "LE");
                    return at + size;
                },
            };
            for (const [key, value] of Object.entries(methods))
                Object.defineProperty(Buffer.prototype, key, { value, writable: true, configurable: true });
        }
    }
    kit.Buffer = Buffer;
    kit.define("Buffer", Buffer);
});
