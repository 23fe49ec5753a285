// Numbers, dates and the order of texts as English has them: QuickJS knows no languages, and programs count on
// `toLocaleString` and `localeCompare`. Of other languages there are the separators of numbers and the order of dates.
(function (kit) {
    "use strict";

    // Separators of groups and of the fraction, by language; en-IN groups by two after the first three.
    const separators = {
        de: [".", ","],
        it: [".", ","],
        nl: [".", ","],
        pt: [".", ","],
        es: [".", ","],
        id: [".", ","],
        tr: [".", ","],
        da: [".", ","],
        fr: ["\u202f", ","],
        sv: ["\u00a0", ","],
        nb: ["\u00a0", ","],
        no: ["\u00a0", ","],
        fi: ["\u00a0", ","],
        pl: ["\u00a0", ","],
        ru: ["\u00a0", ","],
        uk: ["\u00a0", ","],
        cs: ["\u00a0", ","],
        "de-CH": ["'", "."],
    };
    const signs = {
        USD: "$",
        EUR: "€",
        GBP: "£",
        JPY: "¥",
        INR: "₹",
        KRW: "₩",
        CNY: "CN¥",
        BRL: "R$",
        CAD: "CA$",
        AUD: "A$",
        MXN: "MX$",
        NZD: "NZ$",
        ILS: "₪",
        VND: "₫",
    };
    const whole = new Set(["JPY", "KRW", "VND", "CLP", "ISK"]);
    const units = {
        kilometer: "km",
        meter: "m",
        centimeter: "cm",
        millimeter: "mm",
        mile: "mi",
        kilogram: "kg",
        gram: "g",
        liter: "L",
        celsius: "°C",
        fahrenheit: "°F",
        percent: "%",
        byte: "byte",
        kilobyte: "kB",
        megabyte: "MB",
        gigabyte: "GB",
        second: "sec",
        minute: "min",
        hour: "hr",
        day: "day",
    };

    /** The first wanted language that is well formed. */
    function localeOf(wanted) {
        const first = Array.isArray(wanted) ? wanted[0] : wanted;
        if (first === undefined || first === null) return "en-US";
        const name = String(first);
        if (!/^[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*$/.test(name))
            throw new RangeError(`Incorrect locale information provided`);
        return name;
    }
    kit.localeOf = localeOf;

    const range = (options, key, low, high, fallback) => {
        const value = options[key];
        if (value === undefined) return fallback;
        const number = Number(value);
        if (!(number >= low && number <= high)) throw new RangeError(`${key} value is out of range.`);
        return Math.floor(number);
    };

    /** Sign, digits and exponent of a number's shortest decimal form: `0.digits × 10^exponent`. */
    function decimal(value) {
        const [, sign, before, after = "", power = "0"] = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(
            Object.is(value, -0) ? "-0" : `${value}`,
        );
        const all = before + after;
        const digits = all.replace(/^0+/, "");
        return {
            negative: sign === "-",
            digits,
            exponent: digits === "" ? 0 : before.length + Number(power) - (all.length - digits.length),
        };
    }

    /** Rounds half away from zero to so many digits. */
    function rounded({ negative, digits, exponent }, keep) {
        if (keep >= digits.length) return { negative, digits, exponent };
        if (keep < 0) return { negative, digits: "", exponent: 0 };
        const up = digits[keep] >= "5";
        const head = digits.slice(0, keep);
        if (!up) return { negative, digits: head.replace(/0+$/, ""), exponent };
        const next = (BigInt(`0${head}`) + 1n).toString().padStart(keep, "0");
        return { negative, digits: next.replace(/0+$/, ""), exponent: exponent + (next.length > keep ? 1 : 0) };
    }

    /** A function from numbers to texts, after the options of Intl.NumberFormat. */
    kit.numberFormat = function (locales, options = {}) {
        const locale = localeOf(locales);
        const language = locale.split("-")[0];
        const [group, point] = separators[locale] ?? separators[language] ?? [",", "."];
        const {
            style = "decimal",
            notation = "standard",
            currency,
            unit,
            signDisplay = "auto",
            useGrouping = true,
            currencyDisplay = "symbol",
            compactDisplay = "short",
        } = options;
        if (style === "currency" && currency === undefined)
            throw new TypeError("Currency code is required with currency style.");
        const code = String(currency ?? "").toUpperCase();
        const usual =
            style === "currency"
                ? whole.has(code)
                    ? [0, 0]
                    : [2, 2]
                : style === "percent" || notation === "compact"
                  ? [0, 0]
                  : [0, 3];
        const least = range(
            options,
            "minimumFractionDigits",
            0,
            100,
            Math.min(usual[0], Number(options.maximumFractionDigits ?? 100)),
        );
        const most = range(options, "maximumFractionDigits", 0, 100, Math.max(usual[1], least));
        if (least > most) throw new RangeError("maximumFractionDigits value is out of range.");
        const significant =
            options.maximumSignificantDigits !== undefined || options.minimumSignificantDigits !== undefined
                ? [
                      range(options, "minimumSignificantDigits", 1, 21, 1),
                      range(options, "maximumSignificantDigits", 1, 21, 21),
                  ]
                : undefined;
        const integers = range(options, "minimumIntegerDigits", 1, 21, 1);

        function plain(value, least, most, significant) {
            let number = decimal(value);
            number = rounded(number, significant === undefined ? number.exponent + most : significant[1]);
            const { digits, exponent } = number;
            let before = exponent > 0 ? digits.slice(0, exponent).padEnd(exponent, "0") : "";
            let after = exponent > 0 ? digits.slice(exponent) : digits === "" ? "" : "0".repeat(-exponent) + digits;
            after = after.padEnd(
                significant === undefined
                    ? least
                    : Math.max(0, significant[0] - Math.max(exponent, digits === "" ? 1 : exponent)),
                "0",
            );
            before = before.padStart(integers, "0");
            const grouped =
                useGrouping === false || useGrouping === "false" || (language === "es" && before.length < 5)
                    ? before
                    : locale === "en-IN" || locale === "hi-IN"
                      ? before.replace(/\B(?=(?:\d\d)+\d{3}$)|\B(?=\d{3}$)/g, group)
                      : before.replace(/\B(?=(?:\d{3})+$)/g, group);
            return grouped + (after === "" ? "" : point + after);
        }

        const scales = [
            [1e12, "T", " trillion"],
            [1e9, "B", " billion"],
            [1e6, "M", " million"],
            [1e3, "K", " thousand"],
        ];
        function compact(value) {
            const fixed = options.maximumFractionDigits !== undefined || significant !== undefined;
            const digits = (value) =>
                fixed
                    ? plain(value, least, most, significant)
                    : value < 100
                      ? plain(value, 0, 0, [1, 2])
                      : plain(value, 0, 0);
            for (const [i, [size, short, long]] of scales.entries()) {
                if (value < size && !(value >= size * 0.9995)) continue;
                const shown = digits(value / size);
                if (shown === "1,000" && i > 0) return `1${scales[i - 1][compactDisplay === "long" ? 2 : 1]}`;
                return shown + (compactDisplay === "long" ? long : short);
            }
            return digits(value);
        }

        return function (value) {
            if (typeof value !== "bigint") value = Number(value);
            const isNegative = value < 0 || Object.is(value, -0);
            let magnitude = isNegative ? -value : value;
            if (style === "percent")
                magnitude =
                    typeof magnitude === "bigint"
                        ? magnitude * 100n
                        : Number(`${magnitude}e2`.replace(/e([+-]?\d+)e2$/, (_, power) => `e${Number(power) + 2}`));
            let text;
            if (Number.isNaN(magnitude)) text = "NaN";
            else if (magnitude === Infinity) text = "∞";
            else if (notation === "compact") text = compact(Number(magnitude));
            else if (notation === "scientific" || notation === "engineering") {
                let power = Math.floor(Math.log10(Number(magnitude) || 1));
                if (notation === "engineering") power = Math.floor(power / 3) * 3;
                text = `${plain(Number(magnitude) / 10 ** power, least, most, significant)}E${power}`;
            } else text = plain(magnitude, least, most, significant);
            if (style === "percent") text += language === "en" ? "%" : "\u00a0%";
            if (style === "unit")
                text +=
                    unit === "percent" || unit === "celsius" || unit === "fahrenheit"
                        ? units[unit]
                        : ` ${String(unit)
                              .split("-per-")
                              .map((part) => (units[part] ?? part).replace("hr", unit.includes("-per-") ? "h" : "hr"))
                              .join("/")}`;
            if (style === "currency") {
                const sign =
                    currencyDisplay === "code"
                        ? `${code}\u00a0`
                        : currencyDisplay === "name"
                          ? ""
                          : ((language === "en"
                                ? signs[code]
                                : (signs[code] ?? "").replace(/^[A-Z]+(?=\$)/, "") || undefined) ?? `${code}\u00a0`);
                text =
                    currencyDisplay === "name"
                        ? `${text} ${code}`
                        : language === "en" || language === "ja"
                          ? sign + text
                          : `${text}\u00a0${sign.trim()}`;
            }
            const isZero = !/[1-9∞]/.test(text) && text !== "NaN";
            const minus =
                isNegative && !(isZero && ["exceptZero", "negative"].includes(signDisplay)) && signDisplay !== "never";
            const plus = !isNegative && (signDisplay === "always" || (signDisplay === "exceptZero" && !isZero));
            if (options.currencySign === "accounting" && minus) return `(${text})`;
            return (minus ? "-" : plus ? "+" : "") + text;
        };
    };

    // The order of texts, after the Unicode collation algorithm's idea: letters first, then accents, then case.
    const symbols = " _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$";
    const rank = (char) => {
        const at = symbols.indexOf(char);
        if (at >= 0) return at + 1;
        const code = char.codePointAt(0);
        return code < 32 ? 0 : code + 1000;
    };
    const marks = /\p{M}+/gu;

    kit.compareTexts = function (left, right, { numeric = false, sensitivity = "variant", caseFirst } = {}) {
        if (left === right) return 0;
        const [a, b] = [left.normalize("NFD"), right.normalize("NFD")];
        const [plainA, plainB] = [a.replace(marks, "").toLowerCase(), b.replace(marks, "").toLowerCase()];
        const base = compareBy(plainA, plainB, numeric);
        if (base !== 0 || sensitivity === "base") return base;
        if (sensitivity !== "case") {
            const accents = compareBy(a.toLowerCase(), b.toLowerCase(), false, (char) =>
                /\p{M}/u.test(char) ? char.codePointAt(0) : 0,
            );
            if (accents !== 0 || sensitivity === "accent") return accents;
        }
        const isUpper = (char) => char !== char.toLowerCase();
        const [caseA, caseB] = [a.replace(marks, ""), b.replace(marks, "")];
        for (let i = 0; i < Math.min(caseA.length, caseB.length); i++) {
            if (isUpper(caseA[i]) !== isUpper(caseB[i])) return isUpper(caseA[i]) === (caseFirst === "upper") ? -1 : 1;
        }
        return 0;
    };

    function compareBy(a, b, numeric, weigh = rank) {
        const split = (text) => (numeric ? (text.match(/\d+|\D/gu) ?? []) : [...text]);
        const [left, right] = [split(a), split(b)];
        for (let i = 0; i < Math.min(left.length, right.length); i++) {
            if (left[i] === right[i]) continue;
            if (numeric && /^\d/.test(left[i]) && /^\d/.test(right[i])) {
                const difference = BigInt(left[i]) - BigInt(right[i]);
                if (difference !== 0n) return difference < 0n ? -1 : 1;
                continue;
            }
            const difference = weigh(left[i]) - weigh(right[i]);
            if (difference !== 0) return difference < 0 ? -1 : 1;
        }
        return Math.sign(left.length - right.length);
    }

    const replace = (prototype, name, value) =>
        Object.defineProperty(prototype, name, { value, writable: true, configurable: true });
    replace(String.prototype, "localeCompare", function localeCompare(other, locales, options) {
        localeOf(locales);
        return kit.compareTexts(String(this), String(other), options);
    });
    replace(Number.prototype, "toLocaleString", function toLocaleString(locales, options) {
        return kit.numberFormat(locales, options)(Number.prototype.valueOf.call(this));
    });
    replace(BigInt.prototype, "toLocaleString", function toLocaleString(locales, options) {
        return kit.numberFormat(locales, options)(BigInt.prototype.valueOf.call(this));
    });
    replace(Array.prototype, "toLocaleString", function toLocaleString(...options) {
        return Array.from(this, (item) =>
            item === null || item === undefined ? "" : item.toLocaleString(...options),
        ).join(",");
    });
});
