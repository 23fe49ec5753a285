// TextEncoder and TextDecoder.
(function (kit) {
    "use strict";
    const { machine } = kit;

    /** The bytes of a text in UTF-8, in a buffer of this realm. */
    kit.utf8 = (text) => new Uint8Array(machine.encode(text.toWellFormed()));
    kit.bytesOf = (data) =>
        ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data);

    class TextEncoder {
        get encoding() {
            return "utf-8";
        }
        encode(text = "") {
            return kit.utf8(`${text}`);
        }
        encodeInto(text, target) {
            let read = 0;
            let written = 0;
            for (const char of `${text}`) {
                const bytes = kit.utf8(char);
                if (written + bytes.length > target.length) break;
                target.set(bytes, written);
                written += bytes.length;
                read += char.length;
            }
            return { read, written };
        }
    }

    const labels = new Map([
        ["utf8", "utf-8"],
        ["utf-8", "utf-8"],
        ["unicode-1-1-utf-8", "utf-8"],
        ["utf-16le", "utf-16le"],
        ["utf-16", "utf-16le"],
        ["latin1", "windows-1252"],
        ["iso-8859-1", "windows-1252"],
        ["ascii", "windows-1252"],
        ["windows-1252", "windows-1252"],
    ]);

    class TextDecoder {
        #fatal;
        #keepMark;
        #rest = new Uint8Array(0);
        constructor(label = "utf-8", { fatal = false, ignoreBOM = false } = {}) {
            const encoding = labels.get(`${label}`.trim().toLowerCase());
            if (encoding === undefined) throw new RangeError(`The "${label}" encoding is not supported`);
            Object.defineProperty(this, "encoding", { value: encoding, enumerable: true });
            this.#fatal = Boolean(fatal);
            this.#keepMark = Boolean(ignoreBOM);
        }
        get fatal() {
            return this.#fatal;
        }
        get ignoreBOM() {
            return this.#keepMark;
        }
        decode(data = new Uint8Array(0), { stream = false } = {}) {
            const bytes = kit.bytesOf(data);
            const all = new Uint8Array(this.#rest.length + bytes.length);
            all.set(this.#rest);
            all.set(bytes, this.#rest.length);
            const end = stream ? this.#complete(all) : all.length;
            this.#rest = all.slice(end);
            const whole = all.subarray(0, end);
            let text;
            if (this.encoding === "utf-8") {
                text = machine.decode(whole);
                if (text == null) {
                    if (this.#fatal)
                        throw Object.assign(new TypeError("The encoded data was not valid for encoding utf-8"), {
                            code: "ERR_ENCODING_INVALID_ENCODED_DATA",
                        });
                    text = machine.decodeLossy(whole);
                }
            } else {
                text = kit.units(whole, this.encoding === "utf-16le");
            }
            return !this.#keepMark && text.startsWith("\ufeff") ? text.slice(1) : text;
        }
        /** How many of the bytes are whole characters. */
        #complete(bytes) {
            if (this.encoding !== "utf-8") return this.encoding === "utf-16le" ? bytes.length & ~1 : bytes.length;
            for (let back = 1; back <= Math.min(3, bytes.length); back++) {
                const byte = bytes[bytes.length - back];
                if (byte >= 0xc0)
                    return (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) > back ? bytes.length - back : bytes.length;
                if (byte < 0x80) break;
            }
            return bytes.length;
        }
    }

    /** A text of code units, of one byte or two each. */
    kit.units = function (bytes, two) {
        let text = "";
        const step = 8192;
        for (let at = 0; at < bytes.length; at += step) {
            const part = bytes.subarray(at, at + step);
            const codes = two
                ? Array.from({ length: part.length >> 1 }, (_, i) => part[2 * i] | (part[2 * i + 1] << 8))
                : part;
            text += String.fromCharCode.apply(null, codes);
        }
        return text;
    };
    kit.define("TextEncoder", TextEncoder);
    kit.define("TextDecoder", TextDecoder);
});
