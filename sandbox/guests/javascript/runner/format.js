// What `console.log` makes of its arguments: `%s` and the like, and everything else as `inspect` shows it.
(function (kit) {
    "use strict";
    const { inspect, number } = kit;

    kit.format = function (args, options) {
        if (args.length === 1 && typeof args[0] === "string") return args[0];
        let out = "";
        let next = 0;
        if (typeof args[0] === "string") {
            const template = args[0];
            next = 1;
            let from = 0;
            for (let at = 0; args.length > 1 && at < template.length - 1; at++) {
                if (template[at] !== "%") continue;
                const sign = template[++at];
                let piece;
                if (sign === "%") piece = "%";
                else if (next >= args.length || !"sdifjoOc".includes(sign)) continue;
                else piece = converted(sign, args[next++], options);
                out += template.slice(from, at - 1) + piece;
                from = at + 1;
            }
            out += template.slice(from);
        }
        for (; next < args.length; next++) {
            if (next > 0) out += " ";
            out += typeof args[next] === "string" ? args[next] : inspect(args[next], options);
        }
        return out;
    };

    function converted(sign, value, options) {
        switch (sign) {
            case "s":
                if (typeof value === "number" || typeof value === "bigint") return number(value);
                if (value === null || typeof value !== "object") return String(value);
                return hasOwnText(value) ? String(value) : inspect(value, { ...options, depth: 0 });
            case "d":
            case "i":
            case "f":
                if (typeof value === "symbol") return "NaN";
                if (typeof value === "bigint" && sign !== "f") return number(value);
                return number(sign === "d" ? Number(value) : sign === "i" ? parseInt(value) : parseFloat(value));
            case "j":
                try {
                    return JSON.stringify(value);
                } catch (error) {
                    if (String(error?.message).includes("circular")) return "[Circular]";
                    throw error;
                }
            case "o":
                return inspect(value, { ...options, showHidden: true, depth: 4 });
            case "O":
                return inspect(value, options);
            default:
                return "";
        }
    }

    const builtin = new Set(Object.getOwnPropertyNames(globalThis).filter((name) => /^[A-Z]/.test(name)));

    /** Whether whoever wrote the object's class said how it is written as text. */
    function hasOwnText(value) {
        for (let object = value; object !== null; object = Object.getPrototypeOf(object)) {
            if (!["toString", Symbol.toPrimitive].some((key) => Object.prototype.hasOwnProperty.call(object, key)))
                continue;
            const maker = Object.getOwnPropertyDescriptor(object, "constructor")?.value;
            return object === value || typeof maker !== "function" || !builtin.has(maker.name);
        }
        return false;
    }
});
