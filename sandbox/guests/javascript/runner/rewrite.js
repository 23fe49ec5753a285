// Tests as they are run: each line that begins with an assertion is guarded, so that a failure does not hide the others,
// and `assert(a === b)` says what it compared. A scan of brackets and quotes finds where a statement ends; where it is not
// sure, the line stays as it is, and if the result does not compile, so does the whole.
(function (kit) {
    "use strict";

    const opening = "([{";
    const closing = ")]}";
    // After these, a slash begins a regular expression, and a line is not at the end of its statement.
    const operators = "(,=:[!&|?{;+-*%~^<>";

    /** Where the token that begins at `at` ends, for tokens that hide others: strings, comments, regular expressions. */
    function skip(source, at, before) {
        const char = source[at];
        if (char === "'" || char === '"') {
            for (let i = at + 1; i < source.length; i++) {
                if (source[i] === "\\") i++;
                else if (source[i] === char) return i + 1;
                else if (source[i] === "\n") return at + 1;
            }
            return source.length;
        }
        if (char === "`") {
            for (let i = at + 1; i < source.length; i++) {
                if (source[i] === "\\") i++;
                else if (source[i] === "`") return i + 1;
                else if (source.startsWith("${", i)) i = (matching(source, i + 1) ?? source.length) - 1;
            }
            return source.length;
        }
        if (source.startsWith("//", at)) return lineEnd(source, at);
        if (source.startsWith("/*", at)) {
            const end = source.indexOf("*/", at + 2);
            return end < 0 ? source.length : end + 2;
        }
        if (char === "/" && (before === "" || operators.includes(before) || before === "return")) {
            let inClass = false;
            for (let i = at + 1; i < source.length && source[i] !== "\n"; i++) {
                if (source[i] === "\\") i++;
                else if (source[i] === "[") inClass = true;
                else if (source[i] === "]") inClass = false;
                else if (source[i] === "/" && !inClass) return i + 1;
            }
        }
        return at;
    }

    const lineEnd = (source, at) => {
        const end = source.indexOf("\n", at);
        return end < 0 ? source.length : end;
    };

    /** Behind the bracket that closes the one at `at`; undefined where none does. */
    function matching(source, at) {
        let depth = 0;
        let before = "";
        for (let i = at; i < source.length; i++) {
            const end = skip(source, i, before);
            if (end > i) {
                if (!source.startsWith("/", i)) before = '"';
                i = end - 1;
                continue;
            }
            if (opening.includes(source[i])) depth++;
            else if (closing.includes(source[i]) && --depth === 0) return i + 1;
            if (source[i].trim() !== "") before = source[i];
        }
        return undefined;
    }

    const assertion = /^(?:await\s+)?(?:console\.)?(?:assert|expect)\b(?=\s*[.(])/;

    /** The source with its assertions guarded; `owns` says that the tests have an `assert` of their own. */
    kit.guarded = function (source) {
        const owns =
            /\b(?:function|class)\s+assert\b|\b(?:const|let|var)\s+assert\s*=\s*(?!require\b|await\s+import\b)/.test(
                source,
            );
        const pattern = owns ? /^(?:await\s+)?(?:console\.assert|expect)\b(?=\s*[.(])/ : assertion;
        let out = "";
        let from = 0;
        let before = "";
        for (let at = 0, fresh = true; at < source.length; at++) {
            const char = source[at];
            const end = skip(source, at, before);
            if (end > at) {
                if (char !== "/") before = '"';
                fresh = false;
                at = end - 1;
                continue;
            }
            if (char === "\n") fresh = true;
            if (char.trim() === "") continue;
            const begins = fresh && (before === "" || ";{}".includes(before) || !(operators + ".").includes(before));
            if (begins && char !== "." && pattern.test(source.slice(at, at + 60))) {
                const stop = statementEnd(source, at);
                if (stop !== undefined) {
                    out += `${source.slice(from, at)}try { ${compared(source.slice(at, stop))} } catch (e$) { caught$(e$); }`;
                    from = stop;
                    before = ";";
                    at = stop - 1;
                    fresh = false;
                    continue;
                }
            }
            before = char;
            fresh = false;
        }
        return out + source.slice(from);
    };

    /** Where the statement at `at`, a chain of calls, ends; undefined where that is not clear. */
    function statementEnd(source, at) {
        let i = at;
        let before = "";
        while (i < source.length) {
            const end = skip(source, i, before);
            if (end > i) return undefined;
            const char = source[i];
            if (char === ";") return i + 1;
            if (opening.includes(char)) {
                i = matching(source, i);
                if (i === undefined) return undefined;
                before = ")";
                const rest = /^\s*/.exec(source.slice(i))[0].length;
                if (source[i + rest] === "." || (source[i + rest] === "(" && !source.slice(i, i + rest).includes("\n")))
                    i += rest;
                else if (source[i + rest] === ";") return i + rest + 1;
                else if (source.slice(i, i + rest).includes("\n") || i + rest >= source.length) return i;
                else return source.startsWith("//", i + rest) || source[i + rest] === "}" ? i : undefined;
                continue;
            }
            if (!/[\w$.\s]/.test(char)) return undefined;
            i++;
        }
        return undefined;
    }

    const comparisons = ["===", "!==", "==", "!=", "<=", ">=", "<", ">"];

    /** `assert(a === b, why)` as a comparison that knows both sides; another statement as it is. */
    function compared(statement) {
        const call = /^((?:console\.)?assert(?:\.ok)?)\s*\(/.exec(statement);
        const end = call && matching(statement, call[0].length - 1);
        if (!end || !/^\s*;?$/.test(statement.slice(end))) return statement;
        const parts = argumentsOf(statement.slice(call[0].length, end - 1));
        const sides = parts !== undefined && parts.length >= 1 ? sidesOf(parts[0]) : undefined;
        if (sides === undefined) return statement;
        const [left, operator, right] = sides;
        const text = JSON.stringify(statement.replace(/;$/, ""));
        return `compare$(${left}, ${JSON.stringify(operator)}, ${right}, ${text}${parts.length > 1 ? `, ${parts.slice(1).join(",")}` : ""});`;
    }

    /** What stands between the commas. */
    function argumentsOf(inside) {
        const parts = [];
        let from = 0;
        let before = "";
        for (let i = 0; i < inside.length; i++) {
            const end = skip(inside, i, before);
            if (end > i) {
                if (inside[i] === "/" && "/*".includes(inside[i + 1])) return undefined;
                before = '"';
                i = end - 1;
                continue;
            }
            if (opening.includes(inside[i])) {
                i = (matching(inside, i) ?? inside.length) - 1;
                before = ")";
                continue;
            }
            if (inside[i] === ",") {
                parts.push(inside.slice(from, i));
                from = i + 1;
            }
            if (inside[i].trim() !== "") before = inside[i];
        }
        const last = inside.slice(from);
        return last.trim() === "" ? parts : [...parts, last];
    }

    /** The two sides of a comparison that is all of the expression. */
    function sidesOf(expression) {
        let found;
        let before = "";
        for (let i = 0; i < expression.length; i++) {
            const end = skip(expression, i, before);
            if (end > i) {
                before = '"';
                i = end - 1;
                continue;
            }
            const char = expression[i];
            if (opening.includes(char)) {
                i = (matching(expression, i) ?? expression.length) - 1;
                before = ")";
                continue;
            }
            if (/^(?:=>|<<|>>|\*\*=)/.test(expression.slice(i))) return undefined;
            const operator = comparisons.find((operator) => expression.startsWith(operator, i));
            if (operator !== undefined) {
                const isEquality = operator.length > 1 && "=!".includes(operator[0]);
                // Relations bind more tightly than equalities.
                if (found === undefined || (isEquality && !found.isEquality)) found = { i, operator, isEquality };
                else if (isEquality || !found.isEquality) return undefined;
                i += operator.length - 1;
                before = "=";
                continue;
            }
            if ("=&|^,".includes(char) || (char === "?" && expression[i + 1] !== ".") || expression.startsWith("??", i))
                return undefined;
            if (char.trim() !== "") before = char;
        }
        if (found === undefined) return undefined;
        const sides = [expression.slice(0, found.i), found.operator, expression.slice(found.i + found.operator.length)];
        return sides[0].trim() === "" || sides[2].trim() === "" ? undefined : sides;
    }

    /** Import declarations as calls of `require`, since tests run inside a function. */
    kit.required = (source) =>
        source
            .replace(/^([ \t]*)import\s+(["'][^"'\n]+["'])[ \t]*;?/gm, "$1require($2);")
            .replace(
                /^([ \t]*)import\s+\*\s*as\s+([\w$]+)\s+from\s+(["'][^"'\n]+["'])[ \t]*;?/gm,
                "$1const $2 = require($3);",
            )
            .replace(
                /^([ \t]*)import\s+([\w$]+)?\s*,?\s*(\{[^}]*\})?\s*from\s+(["'][^"'\n]+["'])[ \t]*;?/gm,
                (all, indent, one, several, from) => {
                    const names = several?.replace(/\bas\b/g, ":").replace(/\bdefault\s*:/g, "default:");
                    const parts = [];
                    if (one) parts.push(`${one} = default$(require(${from}))`);
                    if (names) parts.push(`${names} = require(${from})`);
                    return parts.length === 0 ? all : `${indent}const ${parts.join(", ")};`;
                },
            );
});
