// `structuredClone`, after the HTML standard's algorithm.
(function (kit) {
    "use strict";

    const refuse = (value) => {
        throw new DOMException(
            `${typeof value === "symbol" ? String(value) : kit.short(value)} could not be cloned.`,
            "DataCloneError",
        );
    };
    const errors = { Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };

    function clone(value, seen) {
        if (typeof value === "function" || typeof value === "symbol") refuse(value);
        if (value === null || typeof value !== "object") return value;
        if (seen.has(value)) return seen.get(value);
        const keep = (copy) => {
            seen.set(value, copy);
            return copy;
        };
        switch (kit.kindOf(value)) {
            case "number":
            case "string":
            case "boolean":
            case "bigint":
                return keep(Object(value.valueOf()));
            case "date":
                return keep(new Date(Date.prototype.getTime.call(value)));
            case "regexp":
                return keep(new RegExp(value.source, value.flags));
            case "buffer":
                return keep(value.slice(0));
            case "view":
                return keep(new DataView(clone(value.buffer, seen), value.byteOffset, value.byteLength));
            case "typed": {
                const View =
                    globalThis[
                        Object.getPrototypeOf(Uint8Array).prototype.__lookupGetter__(Symbol.toStringTag).call(value)
                    ];
                return keep(new View(clone(value.buffer, seen), value.byteOffset, value.length));
            }
            case "map": {
                const copy = keep(new Map());
                for (const [key, item] of [...value]) copy.set(clone(key, seen), clone(item, seen));
                return copy;
            }
            case "set": {
                const copy = keep(new Set());
                for (const item of [...value]) copy.add(clone(item, seen));
                return copy;
            }
            case "error": {
                const copy = keep(new (errors[value.name] ?? Error)(value.message));
                if (Object.hasOwn(value, "cause")) copy.cause = clone(value.cause, seen);
                Object.defineProperty(copy, "stack", { value: value.stack, writable: true, configurable: true });
                return copy;
            }
            case "array": {
                const copy = keep(new Array(value.length));
                for (const key of Object.keys(value)) copy[key] = clone(value[key], seen);
                return copy;
            }
            case "object":
            case "other":
            case "arguments": {
                const copy = keep({});
                for (const key of Object.keys(value)) copy[key] = clone(value[key], seen);
                return copy;
            }
            default:
                return refuse(value);
        }
    }
    kit.define("structuredClone", function structuredClone(value) {
        return clone(value, new Map());
    });
});
