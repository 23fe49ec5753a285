// `events`: EventEmitter; and the little of EventTarget that AbortController needs.
(function (kit) {
    "use strict";

    // A function, not a class: older programs call it on objects of their own.
    function EventEmitter() {
        EventEmitter.init.call(this);
    }
    EventEmitter.init = function () {
        if (!Object.hasOwn(this, "_events"))
            Object.defineProperty(this, "_events", { value: new Map(), writable: true, configurable: true });
    };

    const listOf = (emitter, event) => {
        EventEmitter.init.call(emitter);
        return emitter._events.get(event) ?? [];
    };

    function add(emitter, event, listener, once, first) {
        if (typeof listener !== "function") {
            throw new TypeError(`The "listener" argument must be of type function. Received ${kit.short(listener)}`);
        }
        const list = listOf(emitter, event);
        if (emitter._events.has("newListener") && event !== "newListener") emitter.emit("newListener", event, listener);
        const entry = { listener, once };
        emitter._events.set(event, first ? [entry, ...list] : [...list, entry]);
        return emitter;
    }

    const methods = {
        on(event, listener) {
            return add(this, event, listener, false, false);
        },
        once(event, listener) {
            return add(this, event, listener, true, false);
        },
        prependListener(event, listener) {
            return add(this, event, listener, false, true);
        },
        prependOnceListener(event, listener) {
            return add(this, event, listener, true, true);
        },
        off(event, listener) {
            const list = listOf(this, event);
            const at = list.findLastIndex((entry) => entry.listener === listener);
            if (at >= 0) {
                const rest = list.toSpliced(at, 1);
                if (rest.length > 0) this._events.set(event, rest);
                else this._events.delete(event);
            }
            return this;
        },
        removeAllListeners(event) {
            EventEmitter.init.call(this);
            if (event === undefined) this._events.clear();
            else this._events.delete(event);
            return this;
        },
        emit(event, ...args) {
            const list = listOf(this, event);
            if (list.length === 0) {
                if (event !== "error") return false;
                throw args[0] instanceof Error ? args[0] : new Error(`Unhandled error. (${kit.short(args[0])})`);
            }
            for (const { listener, once } of list) {
                if (once) this.off(event, listener);
                Reflect.apply(listener, this, args);
            }
            return true;
        },
        listeners(event) {
            return listOf(this, event).map((entry) => entry.listener);
        },
        rawListeners(event) {
            return this.listeners(event);
        },
        listenerCount(event) {
            return listOf(this, event).length;
        },
        eventNames() {
            EventEmitter.init.call(this);
            return [...this._events.keys()];
        },
        setMaxListeners() {
            return this;
        },
        getMaxListeners() {
            return EventEmitter.defaultMaxListeners;
        },
    };
    methods.addListener = methods.on;
    methods.removeListener = methods.off;
    for (const [name, value] of Object.entries(methods)) {
        Object.defineProperty(EventEmitter.prototype, name, { value, writable: true, configurable: true });
    }
    EventEmitter.EventEmitter = EventEmitter;
    EventEmitter.defaultMaxListeners = 10;
    EventEmitter.once = (emitter, event) =>
        new Promise((resolve, reject) => {
            emitter.once(event, (...args) => resolve(args));
            if (event !== "error") emitter.once("error", reject);
        });
    kit.EventEmitter = EventEmitter;

    class Event {
        constructor(type, init = {}) {
            this.type = `${type}`;
            this.cancelable = Boolean(init.cancelable);
            this.defaultPrevented = false;
            this.target = null;
        }
        preventDefault() {
            if (this.cancelable) this.defaultPrevented = true;
        }
        stopImmediatePropagation() {
            this.stopped = true;
        }
    }

    class EventTarget {
        #listeners = new Map();
        addEventListener(type, listener, options = {}) {
            const list = this.#listeners.get(type) ?? [];
            if (list.some((entry) => entry.listener === listener)) return;
            this.#listeners.set(type, [
                ...list,
                { listener, once: typeof options === "object" && Boolean(options.once) },
            ]);
        }
        removeEventListener(type, listener) {
            this.#listeners.set(
                type,
                (this.#listeners.get(type) ?? []).filter((entry) => entry.listener !== listener),
            );
        }
        dispatchEvent(event) {
            event.target = this;
            for (const { listener, once } of this.#listeners.get(event.type) ?? []) {
                if (once) this.removeEventListener(event.type, listener);
                if (typeof listener === "function") listener.call(this, event);
                else listener.handleEvent(event);
                if (event.stopped) break;
            }
            return !event.defaultPrevented;
        }
    }

    class AbortSignal extends EventTarget {
        aborted = false;
        reason = undefined;
        onabort = null;
        throwIfAborted() {
            if (this.aborted) throw this.reason;
        }
        static abort(reason) {
            const controller = new AbortController();
            controller.abort(reason);
            return controller.signal;
        }
        static timeout(millis) {
            const controller = new AbortController();
            const timer = kit.addTimer(
                () => controller.abort(new DOMException("The operation was aborted due to timeout", "TimeoutError")),
                millis,
                [],
                false,
            );
            kit.holdTimer(timer, false);
            return controller.signal;
        }
    }

    class AbortController {
        signal = new AbortSignal();
        abort(reason = new DOMException("This operation was aborted", "AbortError")) {
            const { signal } = this;
            if (signal.aborted) return;
            signal.aborted = true;
            signal.reason = reason;
            const event = new Event("abort");
            signal.onabort?.(event);
            signal.dispatchEvent(event);
        }
    }
    for (const Class of [Event, EventTarget, AbortSignal, AbortController]) kit.define(Class.name, Class);
});
