// `URL` and `URLSearchParams`, as far as addresses with a host go (of the WHATWG standard without names of hosts in other
// scripts than Latin).
(function (kit) {
    "use strict";
    const ports = { "http:": "80", "https:": "443", "ftp:": "21", "ws:": "80", "wss:": "443" };
    const special = (protocol) => protocol in ports || protocol === "file:";

    const formEncode = (text) =>
        encodeURIComponent(`${text}`.toWellFormed())
            .replace(/[!'()~]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
            .replaceAll("%20", "+");
    const percentDecode = (text) =>
        kit.machine.decodeLossy(
            Uint8Array.from(
                text.replace(/%([0-9a-f]{2})|([^])/giu, (all, hex, char) =>
                    hex ? String.fromCharCode(parseInt(hex, 16)) : String.fromCharCode(...kit.utf8(char)),
                ),
                (char) => char.charCodeAt(0),
            ),
        );
    const formDecode = (text) => percentDecode(text.replaceAll("+", " "));
    const encodeWith = (pattern) => (text) =>
        text
            .toWellFormed()
            .replace(pattern, (char) =>
                char.length === 1 && char < "\x80"
                    ? `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`
                    : encodeURIComponent(char),
            );
    const inPath = encodeWith(/[\x00-\x20"#<>?`{}\x7f]|[^\x00-\x7f]/gu);
    const inQuery = encodeWith(/[\x00-\x20"#<>'\x7f]|[^\x00-\x7f]/gu);
    const inHash = encodeWith(/[\x00-\x20"<>`\x7f]|[^\x00-\x7f]/gu);

    class URLSearchParams {
        #pairs = [];
        #changed;
        constructor(init = "", changed = undefined) {
            this.#changed = changed;
            if (typeof init === "object" && init !== null) {
                this.#pairs = (typeof init[Symbol.iterator] === "function" ? [...init] : Object.entries(init)).map(
                    ([key, value]) => [`${key}`, `${value}`],
                );
            } else {
                this.#pairs = `${init}`
                    .replace(/^\?/, "")
                    .split("&")
                    .filter((part) => part !== "")
                    .map((part) => {
                        const at = part.indexOf("=");
                        return at < 0
                            ? [formDecode(part), ""]
                            : [formDecode(part.slice(0, at)), formDecode(part.slice(at + 1))];
                    });
            }
        }
        get size() {
            return this.#pairs.length;
        }
        append(key, value) {
            this.#pairs.push([`${key}`, `${value}`]);
            this.#changed?.();
        }
        delete(key, value) {
            this.#pairs = this.#pairs.filter(([name, held]) => name !== key || (value !== undefined && held !== value));
            this.#changed?.();
        }
        get(key) {
            return this.#pairs.find(([name]) => name === `${key}`)?.[1] ?? null;
        }
        getAll(key) {
            return this.#pairs.filter(([name]) => name === `${key}`).map(([, value]) => value);
        }
        has(key, value) {
            return this.#pairs.some(([name, held]) => name === `${key}` && (value === undefined || held === value));
        }
        set(key, value) {
            const at = this.#pairs.findIndex(([name]) => name === `${key}`);
            if (at < 0) return this.append(key, value);
            this.#pairs[at][1] = `${value}`;
            this.#pairs = this.#pairs.filter(([name], i) => i <= at || name !== `${key}`);
            return void this.#changed?.();
        }
        sort() {
            this.#pairs.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
            this.#changed?.();
        }
        forEach(action, self) {
            for (const [key, value] of this.#pairs) action.call(self, value, key, this);
        }
        *keys() {
            for (const [key] of this.#pairs) yield key;
        }
        *values() {
            for (const [, value] of this.#pairs) yield value;
        }
        *entries() {
            for (const [key, value] of this.#pairs) yield [key, value];
        }
        [Symbol.iterator]() {
            return this.entries();
        }
        toString() {
            return this.#pairs.map(([key, value]) => `${formEncode(key)}=${formEncode(value)}`).join("&");
        }
        get [Symbol.toStringTag]() {
            return "URLSearchParams";
        }
        [Symbol.for("nodejs.util.inspect.custom")]() {
            return this.#pairs.length === 0
                ? "URLSearchParams {}"
                : `URLSearchParams { ${this.#pairs.map(([key, value]) => `${kit.quoted(key)} => ${kit.quoted(value)}`).join(", ")} }`;
        }
    }

    const invalid = (text) => Object.assign(new TypeError("Invalid URL"), { code: "ERR_INVALID_URL", input: text });

    function parsed(text, base) {
        text = text.trim().replace(/[\t\n\r]/g, "");
        const scheme = /^([a-z][a-z0-9+.-]*:)([^]*)$/i.exec(text);
        if (
            scheme === null ||
            (base !== undefined &&
                scheme[1].toLowerCase() === base.protocol &&
                special(base.protocol) &&
                !/^[\\/]/.test(scheme[2]))
        ) {
            if (base === undefined) throw invalid(text);
            return relative(scheme === null ? text : scheme[2], base, text);
        }
        const protocol = scheme[1].toLowerCase();
        let [, rest, query = "", hash = ""] = /^([^?#]*)(\?[^#]*)?(#[^]*)?$/.exec(scheme[2]);
        const parts = {
            protocol,
            username: "",
            password: "",
            hostname: "",
            port: "",
            pathname: rest,
            search: query,
            hash,
        };
        if (special(protocol)) rest = rest.replaceAll("\\", "/");
        if (rest.startsWith("//") || (special(protocol) && protocol !== "file:")) {
            const [, authority, path] = /^\/*([^/]*)([^]*)$/.exec(
                protocol === "file:" ? rest.slice(2).replace(/^/, "") : rest,
            );
            const [, user, host] =
                protocol === "file:"
                    ? ["", undefined, rest.slice(2).split("/")[0]]
                    : /^(?:([^]*)@)?([^]*)$/.exec(authority);
            if (user !== undefined) [parts.username, parts.password = ""] = user.split(/:([^]*)/);
            const match = /^(\[[0-9a-f:.]+\]|[^:\s<>^|%#?@[\]]*)(?::(\d*))?$/i.exec(host);
            if (
                match === null ||
                (match[1] === "" && special(protocol) && protocol !== "file:") ||
                Number(match[2]) > 65535
            )
                throw invalid(text);
            parts.hostname = special(protocol) ? match[1].toLowerCase() : match[1];
            parts.port =
                match[2] === undefined || match[2] === "" || match[2] === ports[protocol]
                    ? ""
                    : String(Number(match[2]));
            parts.pathname = protocol === "file:" ? rest.slice(2 + host.length) : path;
        }
        if (special(protocol) || parts.pathname.startsWith("/"))
            parts.pathname = walked(inPath(parts.pathname), special(protocol));
        return parts;
    }

    function walked(path, isSpecial) {
        const out = [];
        const steps = path.replace(/^\//, "").split("/");
        steps.forEach((step, i) => {
            const plain = step.replace(/%2e/gi, ".");
            const last = i === steps.length - 1;
            if (plain === "..") {
                out.pop();
                if (last) out.push("");
            } else if (plain === ".") {
                if (last) out.push("");
            } else {
                out.push(step);
            }
        });
        return path === "" && !isSpecial ? "" : `/${out.join("/")}`;
    }

    function relative(text, base, whole) {
        const [, path, query, hash = ""] = /^([^?#]*)(\?[^#]*)?(#[^]*)?$/.exec(
            special(base.protocol) ? text.replace(/^[^?#]*/, (part) => part.replaceAll("\\", "/")) : text,
        );
        if (path.startsWith("//")) return parsed(base.protocol + text);
        const { protocol, username, password, hostname, port } = base;
        if (!base.pathname.startsWith("/") && !special(protocol)) throw invalid(whole);
        const parts = {
            protocol,
            username,
            password,
            hostname,
            port,
            pathname: base.pathname,
            search: query ?? (path === "" ? base.search : ""),
            hash,
        };
        if (path !== "")
            parts.pathname = walked(
                inPath(path.startsWith("/") ? path : base.pathname.replace(/[^/]*$/, "") + path),
                special(protocol),
            );
        return parts;
    }

    class URL {
        #parts;
        #params;
        constructor(text, base) {
            this.#parts = parsed(`${text}`, base === undefined ? undefined : new URL(`${base}`).#parts);
            this.#clean();
        }
        static canParse(text, base) {
            try {
                return Boolean(new URL(text, base));
            } catch {
                return false;
            }
        }
        static parse(text, base) {
            return URL.canParse(text, base) ? new URL(text, base) : null;
        }
        #clean() {
            const parts = this.#parts;
            parts.search = parts.search === "?" ? "" : inQuery(parts.search);
            parts.hash = parts.hash === "#" ? "" : inHash(parts.hash);
            this.#params = new URLSearchParams(parts.search, () => {
                const text = this.#params.toString();
                parts.search = text === "" ? "" : `?${text}`;
            });
        }
        get href() {
            const { protocol, username, password, hostname, pathname, search, hash } = this.#parts;
            const user =
                username === "" && password === "" ? "" : `${username}${password === "" ? "" : `:${password}`}@`;
            const slashes = hostname !== "" || protocol === "file:" ? `//${user}${this.host}` : "";
            return protocol + slashes + pathname + search + hash;
        }
        set href(text) {
            this.#parts = parsed(`${text}`);
            this.#clean();
        }
        get origin() {
            return special(this.protocol) && this.protocol !== "file:" ? `${this.protocol}//${this.host}` : "null";
        }
        get host() {
            return this.hostname + (this.port === "" ? "" : `:${this.port}`);
        }
        set host(value) {
            [this.#parts.hostname, this.#parts.port = ""] = `${value}`.split(":");
        }
        get searchParams() {
            return this.#params;
        }
        toString() {
            return this.href;
        }
        toJSON() {
            return this.href;
        }
        get [Symbol.toStringTag]() {
            return "URL";
        }
        [Symbol.for("nodejs.util.inspect.custom")](depth, options) {
            if (depth < 0) return "[URL]";
            const shown = {};
            for (const key of [
                "href",
                "origin",
                "protocol",
                "username",
                "password",
                "host",
                "hostname",
                "port",
                "pathname",
                "search",
                "searchParams",
                "hash",
            ])
                shown[key] = this[key];
            return `URL ${kit.inRunner(kit.inspect, shown, { ...options, depth: 1 })}`;
        }
        static {
            const changes = {
                protocol: (value) => `${value}`.replace(/:?$/, ":"),
                username: String,
                password: String,
                hostname: (value) => `${value}`.toLowerCase(),
                pathname: (value) => inPath(`/${`${value}`.replace(/^\//, "")}`),
                search: (value) => (`${value}` === "" ? "" : `?${`${value}`.replace(/^\?/, "")}`),
                hash: (value) => (`${value}` === "" ? "" : `#${`${value}`.replace(/^#/, "")}`),
            };
            for (const [key, change] of Object.entries({ ...changes, port: undefined })) {
                Object.defineProperty(URL.prototype, key, {
                    configurable: true,
                    enumerable: true,
                    get() {
                        return this.#parts[key];
                    },
                    set(value) {
                        this.#parts[key] =
                            key === "port" ? (`${value}` === ports[this.protocol] ? "" : `${value}`) : change(value);
                        this.#clean();
                    },
                });
            }
        }
    }
    kit.define("URL", URL);
    kit.define("URLSearchParams", URLSearchParams);
    kit.url = {
        URL,
        URLSearchParams,
        fileURLToPath: (url) => decodeURIComponent(new URL(`${url}`).pathname),
        pathToFileURL: (name) => new URL(`file://${inPath(kit.path.resolve(name))}`),
    };
});
