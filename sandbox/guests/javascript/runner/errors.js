// Errors as whoever wrote the program wants to read them: without the frames of this runner, short, with the line.
(function (kit) {
    "use strict";

    // Frames of a trace that are shown, and the length of a message.
    const FRAMES = 8;
    const MESSAGE = 2000;

    const sources = new Map();
    /** Lets traces show the lines of a file that came with the request. */
    kit.remember = (name, source) => sources.set(name, source.split("\n"));
    kit.lineOf = (file, line) => sources.get(file)?.[line - 1]?.trim();

    const frame = /^ {4}at (?:(.*) \((.+?)(?::(\d+))?(?::(\d+))?\)|(.+?):(\d+):(\d+))$/;

    /** The frames of a stack of QuickJS's that are of the program: `{name, file, line, column}`. */
    kit.frames = function (stack) {
        const frames = [];
        for (const line of String(stack).split("\n")) {
            const match = frame.exec(line);
            if (match === null) continue;
            let [, name = "", file, row, column] = match;
            if (match[5] !== undefined) [file, row, column] = match.slice(5);
            if (file.startsWith("toolwright:") || file === "native" || file === "missing" || row === undefined)
                continue;
            if (file.startsWith("/box/")) file = file.slice(5);
            if (file === "<input>" || file === "<evalScript>") file = kit.evaluating ?? "eval";
            if (name.startsWith("<")) name = "";
            frames.push({ name, file, line: Number(row), column: Number(column) });
        }
        return frames;
    };

    const written = ({ name, file, line, column }) =>
        `    at ${name === "" ? `${file}:${line}:${column}` : `${name} (${file}:${line}:${column})`}`;

    const nativeStack = Object.getOwnPropertyDescriptor(Error.prototype, "stack").get;
    /** What QuickJS has of the error's stack: frames alone, or what a program put there; undefined if there is none. */
    const rawStack = (error) => {
        try {
            const own = Object.getOwnPropertyDescriptor(error, "stack");
            const stack = own !== undefined ? own.value : nativeStack.call(error);
            return typeof stack === "string" ? stack : undefined;
        } catch {
            return undefined;
        }
    };

    /** The `stack` that programs read: name and message, and the program's frames. `raw` is QuickJS's. */
    kit.stackOf = function (error, raw) {
        const isNative = raw === "" || raw.startsWith("    at ");
        if (!isNative) return raw;
        const name = read(error, "name") ?? "Error";
        const message = read(error, "message") ?? "";
        const head = message === "" ? `${name}` : name === "" ? `${message}` : `${name}: ${message}`;
        return [head, ...kit.frames(raw).map(written)].join("\n");
    };

    function read(object, key) {
        try {
            return object[key];
        } catch {
            return undefined;
        }
    }

    /** `TypeError: not a function`. */
    function heading(error) {
        const name = typeOf(error);
        const message = messageOf(error);
        return message === "" ? name : `${name}: ${message}`;
    }

    const isError = (value) => value !== null && typeof value === "object" && kit.kindOf(value) === "error";
    kit.isError = isError;

    function typeOf(error) {
        if (!isError(error)) return error === null ? "null" : typeof error;
        const name = read(error, "name");
        const maker = read(read(error, "constructor") ?? {}, "name");
        // A class that extends Error without giving itself a name.
        if (name === "Error" && typeof maker === "string" && maker !== "") return maker;
        return typeof name === "string" && name !== "" ? name : "Error";
    }

    function messageOf(error) {
        let message = isError(error) ? read(error, "message") : undefined;
        if (!isError(error)) {
            try {
                message = kit.inspect(error, { customInspect: false });
            } catch {
                message = "<what cannot be shown>";
            }
        }
        message = typeof message === "string" ? message : message === undefined ? "" : kit.inspect(message);
        if (/^unexpected token in expression: ''$/.test(message))
            message = "unexpected end of the source: something is not closed";
        return message.length > MESSAGE ? `${message.slice(0, MESSAGE)}…` : message;
    }

    /** The error on one line. */
    kit.oneLine = (error) => (isError(error) ? heading(error) : messageOf(error));

    /** The frames of an error, without those of its own making. */
    function framesOf(error) {
        const frames = kit.frames((isError(error) && rawStack(error)) || "");
        // The constructor of its class; the text that was no JSON.
        if (
            frames.length > 1 &&
            frames[0].name !== "" &&
            frames[0].name === read(read(error, "constructor") ?? {}, "name")
        )
            frames.shift();
        if (frames.length > 1 && frames[0].file === "eval" && / in JSON\b/.test(messageOf(error))) frames.shift();
        if (frames.length === 0 && isError(error) && read(error, "code") === "MODULE_NOT_FOUND")
            frames.push(...importing(messageOf(error)));
        return frames;
    }

    /** The line that imports what is not there; nothing of a module runs that would be in the stack. */
    function importing(message) {
        const name = /^Cannot find module '([^']*)'/.exec(message)?.[1];
        for (const [file, lines] of sources) {
            const at = lines.findIndex((line) => /\b(?:import|from)\b/.test(line) && line.includes(name));
            if (at >= 0) return [{ name: "", file, line: at + 1, column: 1 }];
        }
        return [];
    }

    /** Where it happened: the innermost frame of the file. */
    kit.place = (error, file) => framesOf(error).find((frame) => frame.file === file);
    /** The line of the file from which it all was called. */
    kit.outermost = (error, file) => framesOf(error).findLast((frame) => frame.file === file);

    /** The error in the report, as of the program `file`. */
    kit.summary = function (error, file) {
        const place = kit.place(error, file);
        return {
            type: typeOf(error),
            message: messageOf(error),
            line: place?.line ?? null,
            text: place === undefined ? null : (kit.lineOf(file, place.line) ?? null),
            trace: trace(error, "Uncaught "),
        };
    };

    function trace(error, before) {
        const remark = kit.remarks.get(error);
        const found = remark?.said !== undefined && remark.found !== undefined ? `; ${remark.found}` : "";
        const lines = [before + (isError(error) ? heading(error) : messageOf(error)) + found];
        const steps = [];
        for (const frame of framesOf(error)) {
            const text = written(frame);
            if (steps.at(-1)?.text === text) steps.at(-1).times++;
            else steps.push({ frame, text, times: 1 });
        }
        const left = steps.length - FRAMES;
        const shown = left > 0 ? [...steps.slice(0, FRAMES - 2), ...steps.slice(-2)] : steps;
        shown.forEach(({ frame, text, times }, i) => {
            if (left > 0 && i === FRAMES - 2) lines.push(`    … ${left} more`);
            lines.push(text);
            const source = i === 0 ? kit.lineOf(frame.file, frame.line) : undefined;
            if (source) lines.push(`        ${source.length > 200 ? `${source.slice(0, 200)}…` : source}`);
            if (times > 1) lines.push("    … and the same again and again");
        });
        const cause = isError(error) ? read(error, "cause") : undefined;
        if (cause !== undefined) lines.push(`  [cause]: ${kit.oneLine(cause)}`);
        const several = isError(error) ? read(error, "errors") : undefined;
        if (Array.isArray(several)) for (const one of several.slice(0, 5)) lines.push(`  [error]: ${kit.oneLine(one)}`);
        return lines.join("\n");
    }

    /** How `inspect` shows an error: its stack, and which of its properties are shown beside it. */
    kit.errorBase = function (state, error, { name: maker, tag }, keys, prefix) {
        const name = error.name != null ? String(error.name) : "Error";
        let stack = error.stack ? String(error.stack) : Error.prototype.toString.call(error);
        keys = keys.filter((key) => !["name", "message", "stack"].includes(key) || !stack.includes(error[key]));
        if ("cause" in error && Object.prototype.hasOwnProperty.call(error, "cause") && !keys.includes("cause"))
            keys.push("cause");
        if (Array.isArray(error.errors) && !keys.includes("errors")) keys.push("errors");
        if (
            maker === null ||
            (name.endsWith("Error") && stack.startsWith(name) && [":", "\n", undefined].includes(stack[name.length]))
        ) {
            const wanted = prefix(maker, tag, "Error").slice(0, -1);
            if (maker !== null && name !== wanted) {
                stack = wanted.includes(name)
                    ? wanted + stack.slice(name.length)
                    : `${wanted} [${name}]${stack.slice(name.length)}`;
            }
        }
        const message = typeof error.message === "string" ? error.message : "";
        const from = message === "" ? 0 : Math.max(0, stack.indexOf(message)) + message.length;
        if (!stack.includes("\n    at", from)) stack = `[${stack}]`;
        if (state.indentation > 0) stack = stack.replaceAll("\n", `\n${" ".repeat(state.indentation)}`);
        return { base: stack, keys };
    };
});
