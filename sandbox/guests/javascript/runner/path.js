// `path`, of the POSIX kind.
(function (kit) {
    "use strict";

    function normal(parts, absolute) {
        const out = [];
        for (const part of parts) {
            if (part === "" || part === ".") continue;
            if (part === ".." && out.length > 0 && out.at(-1) !== "..") out.pop();
            else if (part !== ".." || !absolute) out.push(part);
        }
        return out;
    }

    const checked = (value) => {
        if (typeof value === "string") return value;
        throw Object.assign(new TypeError(`The "path" argument must be of type string. Received ${kit.short(value)}`), {
            code: "ERR_INVALID_ARG_TYPE",
        });
    };

    const path = {
        sep: "/",
        delimiter: ":",
        isAbsolute: (name) => checked(name).startsWith("/"),
        normalize(name) {
            const absolute = checked(name).startsWith("/");
            const inside = normal(name.split("/"), absolute).join("/");
            const slash = name.endsWith("/") && inside !== "" ? "/" : "";
            return absolute ? `/${inside}${slash}` : inside === "" ? (name.endsWith("/") ? "./" : ".") : inside + slash;
        },
        join(...names) {
            const joined = names
                .map(checked)
                .filter((name) => name !== "")
                .join("/");
            return joined === "" ? "." : path.normalize(joined);
        },
        resolve(...names) {
            let resolved = "";
            for (const name of names.map(checked).reverse()) {
                if (name === "") continue;
                resolved = resolved === "" ? name : `${name}/${resolved}`;
                if (name.startsWith("/")) break;
            }
            if (!resolved.startsWith("/")) resolved = `${kit.process.cwd()}/${resolved}`;
            return `/${normal(resolved.split("/"), true).join("/")}`;
        },
        dirname(name) {
            const trimmed = checked(name).replace(/(?!^)\/+$/, "");
            const at = trimmed.lastIndexOf("/");
            return at < 0 ? "." : at === 0 ? "/" : trimmed.slice(0, at).replace(/(?!^)\/+$/, "");
        },
        basename(name, ending = "") {
            const base = checked(name).replace(/\/+$/, "").split("/").at(-1);
            return ending !== "" && base !== ending && base.endsWith(ending) ? base.slice(0, -ending.length) : base;
        },
        extname(name) {
            const base = path.basename(name);
            const at = base.lastIndexOf(".");
            return at <= 0 || (/^\.+$/.test(base.slice(0, at + 1)) && at === 1) ? "" : base.slice(at);
        },
        relative(from, to) {
            const [left, right] = [from, to].map((name) =>
                path
                    .resolve(name)
                    .split("/")
                    .filter((part) => part !== ""),
            );
            let same = 0;
            while (same < left.length && same < right.length && left[same] === right[same]) same++;
            return [...left.slice(same).fill(".."), ...right.slice(same)].join("/");
        },
        parse(name) {
            const base = path.basename(name);
            const ext = path.extname(name);
            const dir = name.includes("/") ? path.dirname(name) : "";
            return {
                root: name.startsWith("/") ? "/" : "",
                dir,
                base,
                ext,
                name: ext === "" ? base : base.slice(0, -ext.length),
            };
        },
        format({ root = "", dir = "", base, ext = "", name = "" }) {
            const last = base ?? name + (ext === "" || ext.startsWith(".") ? ext : `.${ext}`);
            return dir === "" ? root + last : dir === root ? dir + last : `${dir}/${last}`;
        },
        toNamespacedPath: (name) => name,
    };
    path.posix = path;
    kit.path = path;
});
