// Values as text, as Node's `util.inspect` shows them: what is shown of each kind of object. It looks at objects of the
// other realm from outside: their kinds come from QuickJS, not from what their prototypes say.
(function (kit) {
    "use strict";
    const { kind, proxyTarget, promiseState } = kit.machine;
    const { getOwnPropertyDescriptor, getPrototypeOf, prototype: plain } = Object;
    const own = (object, key) => plain.hasOwnProperty.call(object, key);
    const shown = (object, key) => plain.propertyIsEnumerable.call(object, key);
    const text = Function.prototype.toString;
    const custom = Symbol.for("nodejs.util.inspect.custom");
    const TypedArray = getPrototypeOf(Uint8Array);
    const viewTag = getOwnPropertyDescriptor(TypedArray.prototype, Symbol.toStringTag).get;
    const viewLength = getOwnPropertyDescriptor(TypedArray.prototype, "length").get;
    const mapSize = getOwnPropertyDescriptor(Map.prototype, "size").get;
    const setSize = getOwnPropertyDescriptor(Set.prototype, "size").get;

    // QuickJS numbers the kinds of objects; which number is which, its own objects tell.
    const kinds = new Map();
    const samples = {
        array: [],
        error: new Error(),
        number: Object(0),
        string: Object(""),
        boolean: Object(true),
        symbol: Object(Symbol()),
        bigint: Object(0n),
        date: new Date(0),
        regexp: /./,
        map: new Map(),
        set: new Set(),
        weakmap: new WeakMap(),
        weakset: new WeakSet(),
        promise: Promise.resolve(),
        buffer: new ArrayBuffer(1),
        shared: typeof SharedArrayBuffer === "function" ? new SharedArrayBuffer(1) : undefined,
        view: new DataView(new ArrayBuffer(1)),
        mapiterator: new Map().entries(),
        setiterator: new Set().values(),
        generator: (function* () {})(),
        asyncgenerator: (async function* () {})(),
        function: function () {},
        native: Math.max,
        bound: (() => 0).bind(),
        generatorfunction: function* () {},
        asyncfunction: async () => {},
        asyncgeneratorfunction: async function* () {},
        object: {},
    };
    for (const [name, sample] of Object.entries(samples)) if (sample !== undefined) kinds.set(kind(sample), name);
    for (const View of [
        Int8Array,
        Uint8Array,
        Uint8ClampedArray,
        Int16Array,
        Uint16Array,
        Int32Array,
        Uint32Array,
        BigInt64Array,
        BigUint64Array,
        Float32Array,
        Float64Array,
    ].concat(globalThis.Float16Array ?? [])) {
        kinds.set(kind(new View(1)), "typed");
    }
    kinds.set(
        kind(
            (function () {
                return arguments;
            })(),
        ),
        "arguments",
    );
    kinds.set(
        kind(
            (() =>
                (function (a) {
                    return arguments;
                })(1))(),
        ),
        "arguments",
    );
    kinds.set(kind(Function("a", "return arguments")(1)), "arguments");

    /** The kind of an object as a word, such as `array`; `other` for what has none of its own. */
    kit.kindOf = (value) => kinds.get(kind(value)) ?? "other";

    const defaults = {
        depth: 2,
        showHidden: false,
        maxArrayLength: 100,
        maxStringLength: 10_000,
        breakLength: 80,
        compact: 3,
        sorted: false,
        getters: false,
        customInspect: true,
        showProxy: false,
        numericSeparator: false,
        colors: false,
    };
    // More properties than this are counted, not shown; and a text that is longer shows no further depth.
    const PROPERTIES = 1000;
    const LONGEST = 1 << 20;

    const escapes = new Map([
        ["\b", "\\b"],
        ["\t", "\\t"],
        ["\n", "\\n"],
        ["\f", "\\f"],
        ["\r", "\\r"],
        ["\\", "\\\\"],
    ]);
    const special =
        /[\x00-\x1f\x27\x5c\x7f-\x9f]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
    const escaped = (char) =>
        escapes.get(char) ??
        (char.length === 1 && char.charCodeAt(0) < 256
            ? `\\x${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`
            : `\\u${char.charCodeAt(0).toString(16)}`);

    function quoted(value) {
        let quote = "'";
        if (value.includes("'"))
            quote = !value.includes('"') ? '"' : !value.includes("`") && !value.includes("${") ? "`" : "'";
        const inside = value.replace(special, (char) => (char === "'" ? (quote === "'" ? "\\'" : "'") : escaped(char)));
        return quote + inside + quote;
    }
    kit.quoted = quoted;

    function primitive(state, value) {
        switch (typeof value) {
            case "string": {
                let trailer = "";
                if (value.length > state.maxStringLength) {
                    const left = value.length - state.maxStringLength;
                    value = value.slice(0, state.maxStringLength);
                    trailer = `... ${left} more character${left > 1 ? "s" : ""}`;
                }
                if (value.length > 16 && value.length > state.breakLength - state.indentation - 4) {
                    return (
                        value
                            .split(/(?<=\n)/)
                            .map(quoted)
                            .join(` +\n${" ".repeat(state.indentation + 2)}`) + trailer
                    );
                }
                return quoted(value) + trailer;
            }
            case "number":
                return Object.is(value, -0) ? "-0" : separated(state, `${value}`);
            case "bigint":
                return `${separated(state, `${value}`)}n`;
            case "symbol":
                return Symbol.prototype.toString.call(value);
            default:
                return `${value}`;
        }
    }
    kit.number = (value) => (typeof value === "bigint" ? `${value}n` : Object.is(value, -0) ? "-0" : `${value}`);

    const separated = (state, digits) =>
        state.numericSeparator && !digits.includes("e")
            ? digits.replace(/\B(?<!\.\d*)(?=(\d{3})+(?!\d))/g, "_")
            : digits;

    /** The name of the nearest constructor in the chain of prototypes; null where there is none. */
    function constructorName(value, state, depth) {
        let object = value;
        let first;
        while (object) {
            const descriptor = getOwnPropertyDescriptor(object, "constructor");
            const maker = descriptor?.value;
            if (typeof maker === "function" && maker.name !== "" && inherits(value, maker)) return String(maker.name);
            object = getPrototypeOf(object);
            if (first === undefined) first = object;
        }
        if (first === null) return null;
        return `${fallbackName(value)} <${constructorName(first, state, depth + 1) ?? "[Object: null prototype] {}"}>`;
    }

    function inherits(value, maker) {
        const descriptor = getOwnPropertyDescriptor(maker, "prototype");
        const wanted = descriptor?.value;
        for (let object = getPrototypeOf(value); object; object = getPrototypeOf(object))
            if (object === wanted) return true;
        return false;
    }

    const fallbacks = {
        array: "Array",
        error: "Error",
        date: "Date",
        regexp: "RegExp",
        map: "Map",
        set: "Set",
        weakmap: "WeakMap",
        weakset: "WeakSet",
        promise: "Promise",
        buffer: "ArrayBuffer",
        shared: "SharedArrayBuffer",
        view: "DataView",
        number: "Number",
        string: "String",
        boolean: "Boolean",
        symbol: "Symbol",
        bigint: "BigInt",
    };
    const fallbackName = (value) =>
        fallbacks[kit.kindOf(value)] ?? (typeof value === "function" ? "Function" : "Object");

    function prefix(name, tag, fallback, size = "") {
        if (name === null) {
            return tag !== "" && fallback !== tag
                ? `[${fallback}${size}: null prototype] [${tag}] `
                : `[${fallback}${size}: null prototype] `;
        }
        return tag !== "" && name !== tag ? `${name}${size} [${tag}] ` : `${name}${size} `;
    }

    function namesOf(value, state, isArray) {
        const hidden = state.showHidden;
        let names = hidden ? Object.getOwnPropertyNames(value) : Object.keys(value);
        if (isArray) {
            // Indices come first, in order.
            let low = 0;
            let high = names.length;
            while (low < high) {
                const middle = (low + high) >> 1;
                if (/^(0|[1-9][0-9]*)$/.test(names[middle]) && Number(names[middle]) < 2 ** 32 - 1) low = middle + 1;
                else high = middle;
            }
            names = names.slice(low);
        }
        const symbols = Object.getOwnPropertySymbols(value);
        return names.concat(hidden ? symbols : symbols.filter((symbol) => shown(value, symbol)));
    }

    kit.inspect = function (value, options) {
        const state = {
            ...defaults,
            indentation: 0,
            currentDepth: 0,
            length: 0,
            seen: [],
            circular: undefined,
            options: options ?? {},
        };
        for (const key of Object.keys(options ?? {}))
            if (key in defaults && options[key] !== undefined) state[key] = options[key];
        if (state.depth === null) state.depth = Infinity;
        if (state.maxArrayLength === null) state.maxArrayLength = Infinity;
        if (state.maxStringLength === null) state.maxStringLength = Infinity;
        if (state.compact === true) state.compact = 3;
        if (state.compact === false) state.compact = 0;
        return shownValue(state, value, 0);
    };

    function shownValue(state, value, depth) {
        if (value === null || (typeof value !== "object" && typeof value !== "function"))
            return primitive(state, value);
        const context = value;
        for (let target; (target = proxyTarget(value)) !== undefined; value = target) {
            if (target === null) return "<Revoked Proxy>";
        }
        if (state.customInspect) {
            const hook = value[custom];
            if (typeof hook === "function" && hook !== kit.publicInspect && !isPrototype(value)) {
                const made = hook.call(
                    context,
                    state.depth - depth,
                    { ...defaults, ...state.options, depth: state.depth - depth },
                    kit.publicInspect ?? kit.inspect,
                );
                if (made !== context) {
                    if (typeof made !== "string") return shownValue(state, made, depth);
                    return made.replaceAll("\n", `\n${" ".repeat(state.indentation)}`);
                }
            }
        }
        if (state.seen.includes(value)) {
            state.circular ??= new Map();
            if (!state.circular.has(value)) state.circular.set(value, state.circular.size + 1);
            return `[Circular *${state.circular.get(value)}]`;
        }
        return shownObject(state, value, depth);
    }

    const isPrototype = (value) => own(value, "constructor") && value.constructor?.prototype === value;

    function shownObject(state, value, depth) {
        const name = constructorName(value, state, depth);
        let tag = value[Symbol.toStringTag];
        if (typeof tag !== "string" || (tag !== "" && (state.showHidden ? own : shown)(value, Symbol.toStringTag)))
            tag = "";
        const look = {
            name,
            tag,
            base: "",
            open: "{",
            close: "}",
            isArray: false,
            parts: () => [],
            keys: undefined,
            done: undefined,
        };
        (looks[kit.kindOf(value)] ?? looks.object)(state, value, look);
        const keys = look.keys ?? namesOf(value, state, look.isArray);
        if (look.done !== undefined && keys.length === 0) return look.done;
        if (depth > state.depth) {
            if (look.short !== undefined) return look.short;
            const short = prefix(name, tag, fallbackName(value)).slice(0, -1);
            return name === null ? short : `[${short}]`;
        }
        depth += 1;
        state.seen.push(value);
        state.currentDepth = depth;
        const output = look.parts(depth);
        for (const key of keys.slice(0, PROPERTIES)) output.push(property(state, value, depth, key, look.isArray));
        if (keys.length > PROPERTIES) output.push(`... ${keys.length - PROPERTIES} more properties`);
        const reference = state.circular?.get(value);
        if (reference !== undefined)
            look.base = look.base === "" ? `<ref *${reference}>` : `<ref *${reference}> ${look.base}`;
        state.seen.pop();
        if (state.sorted) output.sort(typeof state.sorted === "function" ? state.sorted : undefined);
        const joined = kit.joined(state, output, look.base, look.open, look.close, look.isArray, depth, value);
        state.length += joined.length;
        if (state.length > LONGEST) state.depth = -1;
        return joined;
    }

    // Entries of the list, and how many are left.
    function items(state, length, entry) {
        const most = Math.min(Math.max(0, state.maxArrayLength), length);
        const output = [];
        for (let i = 0; i < most; i++) output.push(entry(i));
        return more(output, length - most, "item");
    }

    function more(output, left, what) {
        if (left > 0) output.push(`... ${left} more ${what}${left > 1 ? "s" : ""}`);
        return output;
    }

    function inner(state, value, depth) {
        state.indentation += 2;
        const output = shownValue(state, value, depth);
        state.indentation -= 2;
        return output;
    }

    function arrayItems(state, value, depth) {
        const most = Math.min(Math.max(0, state.maxArrayLength), value.length);
        const output = [];
        let index = 0;
        while (index < value.length && output.length < most) {
            if (own(value, index)) {
                output.push(property(state, value, depth, index, true, true));
                index += 1;
                continue;
            }
            // A hole, which may be very long: where it ends, the keys say.
            const next = Object.keys(value).find(
                (key) => /^(0|[1-9]\d*)$/.test(key) && Number(key) > index && Number(key) < 2 ** 32 - 1,
            );
            const end = next === undefined ? value.length : Number(next);
            output.push(`<${end - index} empty item${end - index > 1 ? "s" : ""}>`);
            index = end;
        }
        return more(output, value.length - index, "item");
    }

    function listOf(state, value, look, fallback, length, parts) {
        look.isArray = true;
        look.close = "]";
        const plain = look.name === "Array" && look.tag === "" && fallback === "Array";
        look.open = `${plain ? "" : prefix(look.name, look.tag, fallback, `(${length})`)}[`;
        look.parts = parts;
        if (length === 0) look.done = `${look.open}]`;
    }

    function collection(look, fallback, size, parts) {
        look.open = `${prefix(look.name, look.tag, fallback, `(${size})`)}{`;
        look.parts = parts;
        if (size === 0) look.done = `${look.open}}`;
    }

    function functionBase(value, { name, tag }) {
        const source = text.call(value);
        if (/^class\b/.test(source) && source.endsWith("}")) {
            const label = own(value, "name") && value.name ? value.name : "(anonymous)";
            let base = `class ${label}`;
            if (name !== "Function" && name !== null) base += ` [${name}]`;
            if (tag !== "" && name !== tag) base += ` [${tag}]`;
            const parent = name === null ? "[null prototype]" : getPrototypeOf(value).name;
            return `[${base}${parent ? ` extends ${parent}` : ""}]`;
        }
        const kind = kit.kindOf(value);
        const type =
            kind === "generatorfunction"
                ? "GeneratorFunction"
                : kind === "asyncfunction"
                  ? "AsyncFunction"
                  : kind === "asyncgeneratorfunction"
                    ? "AsyncGeneratorFunction"
                    : "Function";
        let base = `[${type}${name === null ? " (null prototype)" : ""}${value.name ? `: ${String(value.name)}` : " (anonymous)"}]`;
        if (name !== type && name !== null) base += ` ${name}`;
        if (tag !== "" && name !== tag) base += ` [${tag}]`;
        return base;
    }

    const withBase = (make) => (state, value, look) => {
        look.base = make(state, value, look);
        look.done = look.base;
        look.short = look.base;
    };
    const named = (look, fallback, base) => {
        const before = prefix(look.name, look.tag, fallback);
        return before === `${fallback} ` ? base : before + base;
    };
    const boxed = (type, valueOf) => (state, value, look) => {
        if (type === "String") look.keys = namesOf(value, state, false).slice(value.length);
        let base = `[${type}`;
        if (type !== look.name) base += look.name === null ? " (null prototype)" : ` (${look.name})`;
        base += `: ${primitive({ ...state, indentation: 0, breakLength: Infinity }, valueOf.call(value))}]`;
        look.base = look.tag !== "" && look.tag !== look.name ? `${base} [${look.tag}]` : base;
        look.done = look.base;
    };
    const weak = (fallback) => (state, value, look) => {
        look.open = `${prefix(look.name, look.tag, fallback)}{`;
        look.parts = () => ["<items unknown>"];
    };
    // What iterators have left cannot be looked at without taking it from them.
    const iterator = (label) => (state, value, look) => {
        look.open = `[${look.tag !== `${label} Iterator` && look.tag !== "" ? `${look.tag}] [` : ""}${label} Iterator] {`;
        look.parts = () => ["<items unknown>"];
    };
    const functions = withBase((state, value, look) => functionBase(value, look));

    const looks = {
        array(state, value, look) {
            listOf(state, value, look, "Array", value.length, (depth) => arrayItems(state, value, depth));
        },
        arguments(state, value, look) {
            look.open = "[Arguments] {";
            look.done = "[Arguments] {}";
        },
        typed(state, value, look) {
            const length = viewLength.call(value);
            listOf(state, value, look, viewTag.call(value), length, () =>
                items(state, length, (i) => primitive(state, value[i])),
            );
        },
        map(state, value, look) {
            const size = mapSize.call(value);
            collection(look, "Map", size, (depth) => {
                const entries = Map.prototype.entries.call(value);
                return items(state, size, () => {
                    const [key, item] = entries.next().value ?? [];
                    return `${inner(state, key, depth)} => ${inner(state, item, depth)}`;
                });
            });
        },
        set(state, value, look) {
            const size = setSize.call(value);
            collection(look, "Set", size, (depth) => {
                const entries = Set.prototype.values.call(value);
                return items(state, size, () => inner(state, entries.next().value, depth));
            });
        },
        weakmap: weak("WeakMap"),
        weakset: weak("WeakSet"),
        mapiterator: iterator("Map"),
        setiterator: iterator("Set"),
        promise(state, value, look) {
            look.open = `${prefix(look.name, look.tag, "Promise")}{`;
            look.parts = (depth) => {
                const [how, result] = promiseState(value);
                if (how === "pending") return ["<pending>"];
                return [how === "rejected" ? `<rejected> ${inner(state, result, depth)}` : inner(state, result, depth)];
            };
        },
        buffer(state, value, look) {
            look.open = `${prefix(look.name, look.tag, fallbackName(value))}{`;
            look.parts = () => {
                const bytes = new Uint8Array(value);
                const most = Math.max(0, state.maxArrayLength);
                const first = Array.from(bytes.subarray(0, most), (byte) => byte.toString(16).padStart(2, "0")).join(
                    " ",
                );
                const left = bytes.length - most;
                return [
                    `[Uint8Contents]: <${first}${left > 0 ? ` ... ${left} more byte${left > 1 ? "s" : ""}` : ""}>`,
                    `byteLength: ${bytes.length}`,
                ];
            };
        },
        view(state, value, look) {
            look.open = `${prefix(look.name, look.tag, "DataView")}{`;
            look.parts = (depth) =>
                ["byteLength", "byteOffset", "buffer"].map((key) => `${key}: ${inner(state, value[key], depth)}`);
        },
        date: withBase((state, value, look) => {
            const time = Date.prototype.getTime.call(value);
            return named(look, "Date", Number.isNaN(time) ? "Invalid Date" : Date.prototype.toISOString.call(value));
        }),
        regexp: withBase((state, value, look) => named(look, "RegExp", RegExp.prototype.toString.call(value))),
        error: withBase((state, value, look) => {
            const { base, keys } = kit.errorBase(state, value, look, namesOf(value, state, false), prefix);
            look.keys = keys;
            return base;
        }),
        number: boxed("Number", Number.prototype.valueOf),
        string: boxed("String", String.prototype.valueOf),
        boolean: boxed("Boolean", Boolean.prototype.valueOf),
        symbol: boxed("Symbol", Symbol.prototype.valueOf),
        bigint: boxed("BigInt", BigInt.prototype.valueOf),
        function: functions,
        object(state, value, look) {
            if (typeof value === "function") return functions(state, value, look);
            if (look.name === "Object") {
                if (look.tag !== "") look.open = `${prefix(look.name, look.tag, "Object")}{`;
            } else {
                const isModule = look.name === null && look.tag === "Module";
                look.open = isModule ? "[Module: null prototype] {" : `${prefix(look.name, look.tag, "Object")}{`;
            }
            look.done = `${look.open}}`;
        },
    };
    looks.shared = looks.buffer;
    for (const kind of ["native", "bound", "generatorfunction", "asyncfunction", "asyncgeneratorfunction"])
        looks[kind] = functions;

    function property(state, value, depth, key, isArray, isItem) {
        const descriptor = getOwnPropertyDescriptor(value, key) ?? { value: value[key], enumerable: true };
        let shown;
        if (descriptor.get !== undefined) {
            shown = `[${descriptor.set !== undefined ? "Getter/Setter" : "Getter"}]`;
            if (state.getters) {
                try {
                    shown = `${shown.slice(0, -1)}: ${inner(state, descriptor.get.call(value), depth)}]`;
                } catch (error) {
                    shown = `${shown.slice(0, -1)}: <Inspection threw (${error?.message})>]`;
                }
            }
        } else if (descriptor.set !== undefined) {
            shown = "[Setter]";
        } else {
            shown = inner(state, descriptor.value, depth);
        }
        if (isItem) return shown;
        let name = key;
        if (typeof key === "symbol") name = `[${Symbol.prototype.toString.call(key).replace(special, escaped)}]`;
        else if (key === "__proto__") name = "['__proto__']";
        else if (descriptor.enumerable === false) name = `[${key.replace(special, escaped)}]`;
        else if (!/^[a-zA-Z_][a-zA-Z_0-9]*$/.test(key)) name = quoted(key);
        return `${name}: ${shown}`;
    }
});
