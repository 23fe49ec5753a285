// How the parts of a value that is shown are laid out: on one line, in columns, or a line each; and tables.
//
// The rules, and with them the numbers here, are those of Node's `util.inspect` with `compact: 3` (lib/internal/util/
// inspect.js of Node 20, MIT licence), so that programs print here what they print there.
(function (kit) {
    "use strict";

    const wide =
        /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1f64f}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/u;
    const narrow = /^[\x20-\x7e]*$/;

    /** Columns that a text takes in a terminal. */
    function width(text) {
        if (narrow.test(text)) return text.length;
        let columns = 0;
        for (const char of text.normalize("NFC")) {
            if (wide.test(char)) columns += 2;
            else if (!/[\p{Mn}\p{Me}\p{Cf}\x00-\x1f\x7f-\x9f]/u.test(char)) columns += 1;
        }
        return columns;
    }

    /** Puts the entries of an array side by side, in columns, where that looks well. */
    function inColumns(state, output, value) {
        let total = 0;
        let longest = 0;
        const length = output.length - (state.maxArrayLength < output.length ? 1 : 0);
        const widths = [];
        for (let i = 0; i < length; i++) {
            widths[i] = width(output[i]);
            total += widths[i] + 2;
            longest = Math.max(longest, widths[i]);
        }
        const most = longest + 2;
        if (most * 3 + state.indentation >= state.breakLength || (total / most <= 5 && longest > 6)) return output;
        const bias = Math.max(most - 3 - Math.sqrt(most - total / output.length), 1);
        const columns = Math.min(
            Math.round(Math.sqrt(2.5 * bias * length) / bias),
            Math.floor((state.breakLength - state.indentation) / most),
            state.compact * 4,
            15,
        );
        if (columns <= 1) return output;
        const columnWidths = [];
        for (let i = 0; i < columns; i++) {
            let most = 0;
            for (let j = i; j < length; j += columns) most = Math.max(most, widths[j]);
            columnWidths[i] = most + 2;
        }
        let numbers = value !== undefined;
        for (let i = 0; numbers && i < output.length; i++) {
            numbers = typeof value[i] === "number" || typeof value[i] === "bigint";
        }
        const rows = [];
        for (let i = 0; i < length; i += columns) {
            const end = Math.min(i + columns, length);
            let row = "";
            for (let j = i; j < end; j++) {
                const last = j === end - 1;
                const cell = last ? output[j] : `${output[j]}, `;
                const room = columnWidths[j - i] + output[j].length - widths[j] - (last ? 2 : 0);
                row += numbers ? cell.padStart(room) : last ? cell : cell.padEnd(room);
            }
            rows.push(row);
        }
        if (length < output.length) rows.push(output[length]);
        return rows;
    }

    function fits(state, output, start, base) {
        let total = output.length + start;
        if (total + output.length > state.breakLength) return false;
        for (const part of output) {
            total += part.length;
            if (total > state.breakLength) return false;
        }
        return base === "" || !base.includes("\n");
    }

    /** The parts as one text, with `base` before the opening brace. */
    kit.joined = function (state, output, base, open, close, isArray, depth, value) {
        const before = base ? `${base} ` : "";
        const entries = output.length;
        if (isArray && entries > 6 && state.compact >= 1) output = inColumns(state, output, value);
        if (state.currentDepth - depth < state.compact && entries === output.length) {
            const start = output.length + state.indentation + open.length + base.length + 10;
            if (fits(state, output, start, base)) {
                const line = output.join(", ");
                if (!line.includes("\n")) return `${before}${open} ${line} ${close}`;
            }
        }
        const indentation = `\n${" ".repeat(state.indentation)}`;
        return `${before}${open}${indentation}  ${output.join(`,${indentation}  `)}${indentation}${close}`;
    };

    /** The table of `console.table`: `head` names the columns, `columns` holds their cells from top to bottom. */
    kit.tableOf = function (head, columns) {
        const height = Math.max(0, ...columns.map((column) => column.length));
        const widths = head.map((name, i) => {
            let most = width(name);
            for (let row = 0; row < height; row++) most = Math.max(most, width(columns[i][row] ?? ""));
            return most + 2;
        });
        const line = (left, middle, right) => left + widths.map((width) => "─".repeat(width)).join(middle) + right;
        const row = (cells) =>
            `│${cells.map((cell, i) => ` ${cell}${" ".repeat(widths[i] - width(cell) - 1)}`).join("│")}│`;
        const lines = [line("┌", "┬", "┐"), row(head), line("├", "┼", "┤")];
        for (let i = 0; i < height; i++) lines.push(row(columns.map((column) => column[i] ?? "")));
        lines.push(line("└", "┴", "┘"));
        return lines.join("\n");
    };
});
