// `Intl` and the dates of `toLocaleString`, in English, and in UTC, which is the only time zone here.
(function (kit) {
    "use strict";
    const { localeOf } = kit;
    const months = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    const days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
    const two = (number) => String(number).padStart(2, "0");

    const styles = {
        full: { weekday: "long", year: "numeric", month: "long", day: "numeric" },
        long: { year: "numeric", month: "long", day: "numeric" },
        medium: { year: "numeric", month: "short", day: "numeric" },
        short: { year: "2-digit", month: "numeric", day: "numeric" },
    };
    // How numbers stand in a date, and in what order.
    const orders = {
        en: ["mdy", "/"],
        "en-GB": ["dmy", "/"],
        "en-AU": ["dmy", "/"],
        "en-IN": ["dmy", "/"],
        "en-NZ": ["dmy", "/"],
        "en-IE": ["dmy", "/"],
        "en-CA": ["ymd", "-"],
        sv: ["ymd", "-"],
        de: ["dmy", "."],
        fr: ["dmy", "/"],
        es: ["dmy", "/"],
        it: ["dmy", "/"],
        pt: ["dmy", "/"],
        nl: ["dmy", "-"],
        ja: ["ymd", "/"],
        ru: ["dmy", "."],
        pl: ["dmy", "."],
    };
    const padded = new Set(["en-GB", "en-AU", "en-CA", "en-NZ", "sv", "fr", "pt", "ru", "pl"]);
    const zones = new Set(["utc", "gmt", "etc/utc", "etc/gmt", "+00:00", "z"]);

    const dateKeys = ["weekday", "year", "month", "day"];
    const timeKeys = ["hour", "minute", "second", "fractionalSecondDigits", "dayPeriod"];

    /** A function from dates to texts, after the options of Intl.DateTimeFormat; `usual` is what is shown without options. */
    function dateFormat(locales, options = {}, usual = "date") {
        const locale = localeOf(locales);
        const zone = options.timeZone ?? "UTC";
        if (!zones.has(String(zone).toLowerCase()))
            throw new RangeError(`Invalid time zone specified: ${zone} (there is only UTC here)`);
        let { dateStyle, timeStyle } = options;
        let chosen = { ...options };
        if (dateStyle !== undefined) Object.assign(chosen, styles[dateStyle]);
        if (dateStyle === "short" && locale !== "en-US") chosen.year = "numeric";
        if (timeStyle !== undefined) {
            Object.assign(
                chosen,
                { hour: "numeric", minute: "2-digit" },
                timeStyle === "short" ? {} : { second: "2-digit" },
                timeStyle === "long" || timeStyle === "full" ? { timeZoneName: "short" } : {},
            );
        }
        const has = (keys) => keys.some((key) => chosen[key] !== undefined);
        const none = !has(dateKeys) && !has(timeKeys);
        if (usual !== "time" ? none || (usual === "date" && !has(dateKeys)) : false)
            Object.assign(chosen, { year: "numeric", month: "numeric", day: "numeric" });
        if ((usual === "time" && !has(timeKeys)) || (usual === "any" && none))
            Object.assign(chosen, { hour: "numeric", minute: "2-digit", second: "2-digit" });
        const twelve =
            chosen.hour12 ??
            (chosen.hourCycle === undefined ? /^en(?!-(?:GB|IE|NZ$))/.test(locale) : chosen.hourCycle.startsWith("h1"));
        const [order, between] = orders[locale] ?? orders[locale.split("-")[0]] ?? orders.en;
        const pads = padded.has(locale) || padded.has(locale.split("-")[0]);
        const text = /^(?:long|short|narrow)$/;

        function dateText(date) {
            const number = {
                y:
                    chosen.year === "2-digit"
                        ? two(date.getUTCFullYear() % 100)
                        : chosen.year && String(date.getUTCFullYear()),
                m:
                    chosen.month &&
                    (chosen.month === "2-digit" || (pads && chosen.day)
                        ? two(date.getUTCMonth() + 1)
                        : String(date.getUTCMonth() + 1)),
                d:
                    chosen.day &&
                    (chosen.day === "2-digit" || (pads && chosen.month && !text.test(chosen.month))
                        ? two(date.getUTCDate())
                        : String(date.getUTCDate())),
            };
            const weekday =
                chosen.weekday &&
                (chosen.weekday === "long"
                    ? days[date.getUTCDay()]
                    : days[date.getUTCDay()].slice(0, chosen.weekday === "narrow" ? 1 : 3));
            if (!text.test(chosen.month ?? "")) {
                const numbers = [...order]
                    .map((part) => number[part])
                    .filter((part) => part !== undefined)
                    .join(between);
                return [weekday, numbers].filter((part) => part).join(", ");
            }
            const name = months[date.getUTCMonth()];
            const month = chosen.month === "long" ? name : name.slice(0, chosen.month === "narrow" ? 1 : 3);
            if (order === "mdy") {
                const monthDay = number.d === undefined ? month : `${month} ${number.d}`;
                const dated =
                    number.y === undefined
                        ? monthDay
                        : number.d === undefined
                          ? `${monthDay} ${number.y}`
                          : `${monthDay}, ${number.y}`;
                return weekday === undefined ? dated : `${weekday}, ${dated}`;
            }
            const dated = [number.d, month, number.y].filter((part) => part !== undefined).join(" ");
            return weekday === undefined
                ? dated
                : number.y === undefined
                  ? `${weekday} ${dated}`
                  : `${weekday}, ${dated}`;
        }

        function timeText(date) {
            const hours = date.getUTCHours();
            const parts = [];
            if (chosen.hour !== undefined) {
                const hour = twelve ? hours % 12 || 12 : hours;
                parts.push(chosen.hour === "2-digit" || !twelve ? two(hour) : String(hour));
            }
            if (chosen.minute !== undefined)
                parts.push(
                    parts.length > 0 || chosen.second !== undefined || chosen.minute === "2-digit"
                        ? two(date.getUTCMinutes())
                        : String(date.getUTCMinutes()),
                );
            if (chosen.second !== undefined)
                parts.push(parts.length > 0 ? two(date.getUTCSeconds()) : String(date.getUTCSeconds()));
            let time = parts.join(":");
            if (chosen.fractionalSecondDigits !== undefined)
                time += `.${String(date.getUTCMilliseconds()).padStart(3, "0").slice(0, chosen.fractionalSecondDigits)}`;
            if (chosen.hour !== undefined && twelve) time += ` ${hours < 12 ? "AM" : "PM"}`;
            return chosen.timeZoneName !== undefined ? `${time} UTC` : time;
        }

        const format = (value) => {
            const date = value === undefined ? new Date() : new Date(value);
            if (Number.isNaN(date.getTime())) throw new RangeError("Invalid time value");
            const shown = [has(dateKeys) && dateText(date), has(timeKeys) && timeText(date)].filter((part) => part);
            const at =
                text.test(chosen.month ?? "") &&
                (dateStyle === undefined ? chosen.month === "long" : dateStyle === "full" || dateStyle === "long");
            const joint =
                (order === "ymd" && between === "-" && locale !== "en-CA") || locale.startsWith("fr") ? " " : ", ";
            return shown.join(at ? " at " : shown.length === 2 && !chosen.year && !chosen.month ? " " : joint);
        };
        return { format, locale, chosen };
    }

    const replace = (prototype, name, value) =>
        Object.defineProperty(prototype, name, { value, writable: true, configurable: true });
    for (const [name, usual] of [
        ["toLocaleString", "any"],
        ["toLocaleDateString", "date"],
        ["toLocaleTimeString", "time"],
    ]) {
        replace(Date.prototype, name, function (locales, options) {
            if (Number.isNaN(this.getTime())) return "Invalid Date";
            return dateFormat(locales, options, usual).format(this);
        });
        Object.defineProperty(Date.prototype[name], "name", { value: name });
    }

    // QuickJS leaves out the name of the zone.
    for (const name of ["toString", "toTimeString"]) {
        const plain = Date.prototype[name];
        replace(
            Date.prototype,
            name,
            {
                [name]() {
                    const text = plain.call(this);
                    return text === "Invalid Date" ? text : `${text} (Coordinated Universal Time)`;
                },
            }[name],
        );
    }

    /** A class of Intl's that may be called without `new`; `make` gives its methods. */
    function service(name, make) {
        function Service(locales, options = {}) {
            const self = new.target === undefined ? Object.create(Service.prototype) : this;
            const { resolved, ...methods } = make(locales, options);
            for (const [key, value] of Object.entries(methods))
                Object.defineProperty(self, key, { value, writable: true, configurable: true });
            Object.defineProperty(self, "resolvedOptions", {
                value: () => ({ locale: localeOf(locales), ...resolved }),
                configurable: true,
            });
            return self;
        }
        Object.defineProperty(Service, "name", { value: name });
        Service.supportedLocalesOf = (locales) => [locales].flat().filter((locale) => /^en\b/.test(locale));
        Object.defineProperty(Service.prototype, Symbol.toStringTag, { value: `Intl.${name}`, configurable: true });
        return Service;
    }

    const plural = (number, type) => {
        if (type !== "ordinal") return Number(number) === 1 ? "one" : "other";
        const [ten, hundred] = [number % 10, number % 100];
        return ten === 1 && hundred !== 11
            ? "one"
            : ten === 2 && hundred !== 12
              ? "two"
              : ten === 3 && hundred !== 13
                ? "few"
                : "other";
    };

    const Intl = {
        NumberFormat: service("NumberFormat", (locales, options) => {
            const format = kit.numberFormat(locales, options);
            return {
                format,
                formatRange: (from, to) => `${format(from)}–${format(to)}`,
                resolved: { numberingSystem: "latn", style: "decimal", ...options },
            };
        }),
        DateTimeFormat: service("DateTimeFormat", (locales, options) => {
            const { format } = dateFormat(locales, options, "date");
            return {
                format,
                formatRange: (from, to) => `${format(from)} – ${format(to)}`,
                formatToParts: (date) =>
                    format(date)
                        .split(/(\d+|[A-Za-z]+)/)
                        .filter((part) => part !== "")
                        .map((value) => ({ type: /^[^\dA-Za-z]/.test(value) ? "literal" : "unknown", value })),
                resolved: { calendar: "gregory", numberingSystem: "latn", timeZone: "UTC", ...options },
            };
        }),
        Collator: service("Collator", (locales, options) => ({
            compare: (left, right) => kit.compareTexts(String(left), String(right), options),
            resolved: { usage: "sort", sensitivity: "variant", numeric: false, ...options },
        })),
        PluralRules: service("PluralRules", (locales, options) => ({
            select: (number) => plural(number, options.type),
            resolved: { type: "cardinal", ...options },
        })),
        ListFormat: service("ListFormat", (locales, { type = "conjunction", style = "long" }) => ({
            format(list) {
                const items = [...list];
                const word = type === "disjunction" ? "or" : type === "unit" ? "" : style === "long" ? "and" : "&";
                if (items.length < 2) return items.join("");
                if (word === "") return items.join(style === "narrow" ? " " : ", ");
                return items.length === 2
                    ? `${items[0]} ${word} ${items[1]}`
                    : `${items.slice(0, -1).join(", ")}, ${word} ${items.at(-1)}`;
            },
            resolved: { type, style },
        })),
        RelativeTimeFormat: service("RelativeTimeFormat", (locales, { numeric = "always" }) => ({
            format(value, unit) {
                const name = String(unit).replace(/s$/, "");
                const words =
                    numeric === "auto"
                        ? ({
                              day: { "-1": "yesterday", 0: "today", 1: "tomorrow" }[value],
                              second: value === 0 ? "now" : undefined,
                          }[name] ??
                          { "-1": `last ${name}`, 0: `this ${name}`, 1: `next ${name}` }[
                              ["week", "month", "quarter", "year"].includes(name) ? value : "none"
                          ])
                        : undefined;
                if (words !== undefined) return words;
                const amount = `${kit.numberFormat("en")(Math.abs(value))} ${name}${Math.abs(value) === 1 ? "" : "s"}`;
                return value < 0 || Object.is(value, -0) ? `${amount} ago` : `in ${amount}`;
            },
            resolved: { numeric },
        })),
        getCanonicalLocales: (locales) => [locales ?? []].flat().map(localeOf),
    };
    Object.defineProperty(Intl, Symbol.toStringTag, { value: "Intl", configurable: true });
    kit.define("Intl", Intl);
});
