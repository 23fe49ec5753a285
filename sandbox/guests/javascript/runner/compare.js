// Deep equality, as Node's `assert` means it: strict (`Object.is`, prototypes, enumerable symbols) and loose (`==`).
(function (kit) {
    "use strict";
    const { kindOf } = kit;
    const { getPrototypeOf, keys: keysOf, getOwnPropertySymbols, prototype: plain } = Object;
    const own = (object, key) => plain.hasOwnProperty.call(object, key);
    const isObject = (value) => value !== null && typeof value === "object";
    const view = getPrototypeOf(Uint8Array).prototype;
    const viewLength = Object.getOwnPropertyDescriptor(view, "length").get;
    const viewTag = Object.getOwnPropertyDescriptor(view, Symbol.toStringTag).get;
    const bytesOf = (buffer) => new Uint8Array(buffer);

    kit.equal = (left, right, strict = true) => equal(left, right, strict, new Map());

    function equal(left, right, strict, seen) {
        if (left === right) return left !== 0 || !strict || Object.is(left, right);
        if (!isObject(left) || !isObject(right)) {
            if (strict) return Object.is(left, right);
            if (isObject(left) || isObject(right)) return false;
            return left == right || (left !== left && right !== right);
        }
        const kind = kindOf(left);
        if (kind !== kindOf(right)) return false;
        if (strict && getPrototypeOf(left) !== getPrototypeOf(right)) return false;
        if (plain.toString.call(left) !== plain.toString.call(right)) return false;
        if (!sameContent(kind, left, right, strict)) return false;

        // What holds itself is equal to what holds itself in the same way.
        if (seen.get(left) === right) return true;
        const before = seen.get(left);
        seen.set(left, right);
        const same = sameProperties(kind, left, right, strict, seen) && sameItems(kind, left, right, strict, seen);
        if (before === undefined) seen.delete(left);
        else seen.set(left, before);
        return same;
    }

    /** What an object of the kind holds besides properties and items. */
    function sameContent(kind, left, right, strict) {
        switch (kind) {
            case "array":
                return left.length === right.length;
            case "typed": {
                const length = viewLength.call(left);
                if (length !== viewLength.call(right) || viewTag.call(left) !== viewTag.call(right)) return false;
                for (let i = 0; i < length; i++)
                    if (strict ? !Object.is(left[i], right[i]) : left[i] !== right[i]) return false;
                return true;
            }
            case "date": {
                const [a, b] = [left, right].map((date) => Date.prototype.getTime.call(date));
                return Object.is(a, b);
            }
            case "regexp":
                return String(left) === String(right) && left.lastIndex === right.lastIndex;
            case "error":
                return left.message === right.message && left.name === right.name;
            case "number":
                return Object.is(Number.prototype.valueOf.call(left), Number.prototype.valueOf.call(right));
            case "string":
                return String.prototype.valueOf.call(left) === String.prototype.valueOf.call(right);
            case "boolean":
                return Boolean.prototype.valueOf.call(left) === Boolean.prototype.valueOf.call(right);
            case "bigint":
                return BigInt.prototype.valueOf.call(left) === BigInt.prototype.valueOf.call(right);
            case "symbol":
                return Symbol.prototype.valueOf.call(left) === Symbol.prototype.valueOf.call(right);
            case "buffer":
            case "shared":
                return sameContent("typed", bytesOf(left), bytesOf(right), strict);
            case "promise":
            case "weakmap":
            case "weakset":
                return false;
            default:
                return true;
        }
    }

    function sameProperties(kind, left, right, strict, seen) {
        if (kind === "typed") return true;
        const names = keysOf(left);
        if (names.length !== keysOf(right).length) return false;
        for (const name of names) if (!own(right, name)) return false;
        if (strict) {
            const symbols = getOwnPropertySymbols(left).filter((symbol) =>
                plain.propertyIsEnumerable.call(left, symbol),
            );
            const others = getOwnPropertySymbols(right).filter((symbol) =>
                plain.propertyIsEnumerable.call(right, symbol),
            );
            if (symbols.length !== others.length || symbols.some((symbol) => !others.includes(symbol))) return false;
            names.push(...symbols);
        }
        if (
            kind === "error" &&
            (own(left, "cause") !== own(right, "cause") || !equal(left.cause, right.cause, strict, seen))
        )
            return false;
        return names.every((name) => equal(left[name], right[name], strict, seen));
    }

    function sameItems(kind, left, right, strict, seen) {
        if (kind === "set") return sameMembers([...left], right, strict, seen);
        if (kind !== "map") return true;
        if (left.size !== right.size) return false;
        const rest = new Map(Map.prototype.entries.call(right));
        const others = [];
        for (const [key, value] of Map.prototype.entries.call(left)) {
            if (rest.has(key) && equal(value, rest.get(key), strict, seen)) rest.delete(key);
            else others.push([key, value]);
        }
        return others.every(([key, value]) => {
            for (const [otherKey, other] of rest) {
                if (
                    (isObject(key) || !strict) &&
                    equal(key, otherKey, strict, seen) &&
                    equal(value, other, strict, seen)
                ) {
                    return rest.delete(otherKey);
                }
            }
            return false;
        });
    }

    function sameMembers(members, right, strict, seen) {
        const rest = new Set(Set.prototype.values.call(right));
        if (members.length !== rest.size) return false;
        const others = members.filter((member) => !rest.delete(member));
        return others.every((member) => {
            for (const other of rest) {
                if ((isObject(member) || !strict) && equal(member, other, strict, seen)) return rest.delete(other);
            }
            return false;
        });
    }
});
