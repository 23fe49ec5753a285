// `util`.
(function (kit) {
    "use strict";
    const custom = Symbol.for("nodejs.util.promisify.custom");

    function inspect(value, options, ...old) {
        // Once its arguments were `showHidden` and `depth`.
        const given =
            typeof options === "boolean"
                ? { showHidden: options, ...(old.length > 0 ? { depth: old[0] } : {}) }
                : options;
        return kit.inRunner(kit.inspect, value, { breakLength: 80, ...given });
    }
    inspect.custom = Symbol.for("nodejs.util.inspect.custom");
    inspect.defaultOptions = { depth: 2 };
    kit.publicInspect = inspect;

    function promisify(action) {
        if (typeof action !== "function")
            throw new TypeError(`The "original" argument must be of type function. Received ${kit.short(action)}`);
        if (typeof action[custom] === "function") return action[custom];
        return function (...args) {
            return new Promise((resolve, reject) => {
                action.call(this, ...args, (error, value) => (error ? reject(error) : resolve(value)));
            });
        };
    }
    promisify.custom = custom;

    const isKind =
        (...kinds) =>
        (value) =>
            value !== null && typeof value === "object" && kinds.includes(kit.kindOf(value));
    const types = {
        isDate: isKind("date"),
        isRegExp: isKind("regexp"),
        isMap: isKind("map"),
        isSet: isKind("set"),
        isPromise: isKind("promise"),
        isWeakMap: isKind("weakmap"),
        isWeakSet: isKind("weakset"),
        isNativeError: isKind("error"),
        isTypedArray: isKind("typed"),
        isArrayBuffer: isKind("buffer"),
        isAnyArrayBuffer: isKind("buffer", "shared"),
        isDataView: isKind("view"),
        isGeneratorObject: isKind("generator"),
        isArgumentsObject: isKind("arguments"),
        isMapIterator: isKind("mapiterator"),
        isSetIterator: isKind("setiterator"),
        isUint8Array: (value) => value instanceof Uint8Array,
        isBoxedPrimitive: isKind("number", "string", "boolean", "symbol", "bigint"),
        isAsyncFunction: (value) =>
            typeof value === "function" && ["asyncfunction", "asyncgeneratorfunction"].includes(kit.kindOf(value)),
        isGeneratorFunction: (value) =>
            typeof value === "function" && ["generatorfunction", "asyncgeneratorfunction"].includes(kit.kindOf(value)),
        isProxy: (value) => kit.machine.proxyTarget(value) !== undefined,
    };

    kit.util = {
        inspect,
        format: (...args) => kit.inRunner(kit.format, args),
        formatWithOptions: (options, ...args) => kit.inRunner(kit.format, args, options),
        isDeepStrictEqual: (left, right) => kit.inRunner(kit.equal, left, right, true),
        promisify,
        callbackify: (action) =>
            function (...args) {
                const callback = args.pop();
                action.apply(this, args).then(
                    (value) => kit.nextTick(callback, [null, value]),
                    (error) => kit.nextTick(callback, [error]),
                );
            },
        inherits(Child, Parent) {
            Object.defineProperty(Child, "super_", { value: Parent, writable: true, configurable: true });
            Object.setPrototypeOf(Child.prototype, Parent.prototype);
        },
        deprecate: (action) => action,
        debuglog: () => () => {},
        stripVTControlCharacters: (text) =>
            text.replace(/[\u001b\u009b][[\]()#;?]*(?:\d{1,4}(?:;\d{0,4})*)?[\dA-PR-TZcf-nq-uy=><~]/g, ""),
        styleText: (style, text) => text,
        toUSVString: (text) => `${text}`.toWellFormed(),
        types,
        isArray: Array.isArray,
        TextEncoder,
        TextDecoder,
    };
});
