// `console`, and the helpers with which the other parts of this realm define what programs find.
(function (kit) {
    "use strict";
    const { machine, world } = kit;

    kit.InnerError = Error;
    kit.define = (name, value) =>
        Object.defineProperty(world, name, { value, writable: true, configurable: true, enumerable: false });

    /** Calls what belongs to the runner's realm; its errors become errors of this one, so that `instanceof` is true of them. */
    kit.inRunner = function (action, ...parameters) {
        try {
            return action(...parameters);
        } catch (error) {
            if (kit.isStop(error) || !kit.isError(error) || error instanceof Error) throw error;
            const Known = { RangeError, TypeError, SyntaxError, ReferenceError }[error.name] ?? Error;
            throw new Known(error.message);
        }
    };

    /** Writes to standard output (1) or error (2). */
    kit.write = (stream, text) => machine.write(stream, text.isWellFormed() ? text : text.toWellFormed());

    let indentation = "";
    const counts = new Map();
    const times = new Map();

    function print(stream, args) {
        let text = kit.inRunner(kit.format, args);
        if (indentation !== "") text = indentation + text.replaceAll("\n", `\n${indentation}`);
        kit.write(stream, `${text}\n`);
    }

    const elapsed = (since) => {
        const millis = machine.now() - since;
        return millis >= 1000 ? `${(millis / 1000).toFixed(3)}s` : `${Number(millis.toFixed(3))}ms`;
    };

    const cell = (value) => {
        const deep =
            value !== null && typeof value === "object" && !Array.isArray(value) && Object.keys(value).length > 2;
        return kit.inRunner(kit.inspect, value, { depth: deep ? -1 : 0, maxArrayLength: 3, breakLength: Infinity });
    };

    function table(data, properties) {
        if (data === null || typeof data !== "object") return print(1, [data]);
        const show = (head, columns) => print(1, [kit.inRunner(kit.tableOf, head, columns)]);
        if (data instanceof Map) {
            const entries = [...data];
            return show(
                ["(iteration index)", "Key", "Values"],
                [
                    entries.map((_, i) => `${i}`),
                    entries.map(([key]) => cell(key)),
                    entries.map(([, value]) => cell(value)),
                ],
            );
        }
        if (data instanceof Set) {
            const values = [...data];
            return show(["(iteration index)", "Values"], [values.map((_, i) => `${i}`), values.map(cell)]);
        }
        const rows = Object.keys(data);
        const columns = new Map();
        const values = [];
        rows.forEach((row, i) => {
            const item = data[row];
            const isPlain = item === null || (typeof item !== "object" && typeof item !== "function");
            if (isPlain && properties === undefined) {
                values[i] = cell(item);
                return;
            }
            for (const key of properties ?? Object.keys(item)) {
                if (!columns.has(key)) columns.set(key, []);
                if (!isPlain && Object.hasOwn(item, key)) columns.get(key)[i] = cell(item[key]);
            }
        });
        const head = ["(index)", ...columns.keys()];
        if (values.length > 0) head.push("Values");
        return show(head, [rows, ...columns.values(), ...(values.length > 0 ? [values] : [])]);
    }

    const methods = {
        log: (...args) => print(1, args),
        info: (...args) => print(1, args),
        debug: (...args) => print(1, args),
        error: (...args) => print(2, args),
        warn: (...args) => print(2, args),
        dir: (value, options) => print(1, [kit.inRunner(kit.inspect, value, { customInspect: false, ...options })]),
        dirxml: (...args) => print(1, args),
        table,
        trace(...args) {
            const frames = new Error().stack.split("\n").slice(1).join("\n");
            print(2, [`Trace${args.length > 0 ? `: ${kit.inRunner(kit.format, args)}` : ""}\n${frames}`]);
        },
        assert(condition, ...args) {
            if (condition) return;
            if (typeof args[0] === "string") print(2, [`Assertion failed: ${args[0]}`, ...args.slice(1)]);
            else print(2, ["Assertion failed", ...args]);
        },
        group(...args) {
            if (args.length > 0) print(1, args);
            indentation += "  ";
        },
        groupEnd() {
            indentation = indentation.slice(2);
        },
        count(label = "default") {
            counts.set(`${label}`, (counts.get(`${label}`) ?? 0) + 1);
            print(1, [`${label}: ${counts.get(`${label}`)}`]);
        },
        countReset: (label = "default") => void counts.delete(`${label}`),
        time: (label = "default") => void times.set(`${label}`, machine.now()),
        timeEnd(label = "default") {
            methods.timeLog(label);
            times.delete(`${label}`);
        },
        timeLog(label = "default", ...args) {
            if (times.has(`${label}`)) print(1, [`${label}: ${elapsed(times.get(`${label}`))}`, ...args]);
        },
        clear() {},
    };
    methods.groupCollapsed = methods.group;

    /** A console; `judge` is told of its assertions where they are counted. */
    kit.makeConsole = function (judge) {
        const console = { ...methods };
        if (judge !== undefined) {
            console.assert = (condition, ...args) => {
                if (condition) return judge.hold();
                const said = args.length > 0 ? kit.inRunner(kit.format, args) : undefined;
                return judge.fail(
                    kit.assertionError(
                        said ?? "the condition does not hold",
                        condition,
                        true,
                        "==",
                        said === undefined ? `got ${kit.short(condition)}` : undefined,
                    ),
                );
            };
        }
        Object.defineProperty(console, Symbol.toStringTag, { value: "console", configurable: true });
        return console;
    };
    kit.define("console", kit.makeConsole());
    kit.define("global", world);
});
