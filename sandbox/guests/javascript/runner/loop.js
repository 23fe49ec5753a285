// The event loop: ticks, promises, timers, and what becomes of errors that nobody catches.
(function (kit) {
    "use strict";
    const { machine } = kit;

    const ticks = [];
    let timers = [];
    let immediates = [];
    let counter = 0;
    let time = 0;
    let kept = 0;

    /** Thrown through the loop when the program is over. */
    const stop = { stop: true };
    kit.stop = stop;
    kit.isStop = (thrown) => thrown === stop;

    kit.nextTick = (action, parameters) => ticks.push({ action, parameters });

    /** Adds a timer; it is called `wait` milliseconds from now, and again if it `repeats`. */
    kit.addTimer = function (action, wait, parameters, repeats) {
        const millis = wait >= 1 && wait <= 2 ** 31 - 1 ? Math.trunc(wait) : 1;
        const timer = {
            id: ++counter,
            action,
            parameters,
            wait: millis,
            repeats,
            due: 0,
            active: true,
            held: true,
            self: undefined,
        };
        kept++;
        place(timer);
        return timer;
    };

    function place(timer) {
        timer.due = time + timer.wait;
        // Behind those that are due at the same time.
        let low = 0;
        let high = timers.length;
        while (low < high) {
            const middle = (low + high) >> 1;
            if (timers[middle].due <= timer.due) low = middle + 1;
            else high = middle;
        }
        if (low === timers.length) timers.push(timer);
        else timers.splice(low, 0, timer);
    }

    kit.dropTimer = function (timer) {
        if (!timer.active) return;
        timer.active = false;
        if (timer.held) kept--;
    };

    kit.holdTimer = function (timer, held) {
        if (timer.active && timer.held !== held) kept += held ? 1 : -1;
        timer.held = held;
    };

    kit.refreshTimer = function (timer) {
        if (!timer.active) return;
        timers = timers.filter((other) => other !== timer);
        place(timer);
    };

    kit.findTimer = (id) => timers.find((timer) => timer.id === id);

    kit.addImmediate = function (action, parameters) {
        const immediate = { action, parameters, active: true };
        immediates.push(immediate);
        return immediate;
    };

    // Promises that failed while nobody looked.
    const unseen = new Map();
    kit.rejected = function (promise, reason, handled) {
        if (handled) unseen.delete(promise);
        else unseen.set(promise, reason);
    };

    /** Calls what the program gave; what it throws ends the program, unless the program wants to know of it. */
    function call(action, parameters, self) {
        try {
            Reflect.apply(action, self, parameters);
        } catch (error) {
            if (error === stop) throw error;
            kit.uncaught(error);
        }
    }

    kit.uncaught = function (error, isRejection = false) {
        const { process } = kit;
        const event =
            isRejection && process.listenerCount("unhandledRejection") > 0 ? "unhandledRejection" : "uncaughtException";
        if (process.listenerCount(event) === 0) {
            kit.ended = { error };
            throw stop;
        }
        try {
            process.emit(event, error, event === "unhandledRejection" ? Promise.resolve() : "uncaughtException");
        } catch (error) {
            kit.ended = { error };
            throw stop;
        }
    };

    /** What has to be done before anything else: ticks, then promises, until there are none. */
    function settleAll() {
        for (;;) {
            for (let i = 0; i < ticks.length; i++) call(ticks[i].action, ticks[i].parameters);
            ticks.length = 0;
            machine.drain();
            if (ticks.length === 0) break;
        }
        if (unseen.size > 0) {
            const reasons = [...unseen.values()];
            unseen.clear();
            for (const reason of reasons) kit.uncaught(reason, true);
        }
    }
    kit.settleAll = settleAll;

    /** One round; false if there is nothing more to do. */
    function round() {
        settleAll();
        time = Math.max(time, machine.now());
        let worked = false;
        let batch = 0;
        while (batch < timers.length && timers[batch].due <= time) batch++;
        for (const timer of timers.splice(0, batch)) {
            if (!timer.active) continue;
            worked = true;
            if (timer.repeats) place(timer);
            else kit.dropTimer(timer);
            call(timer.action, timer.parameters, timer.self);
            settleAll();
        }
        const now = immediates;
        immediates = [];
        for (const immediate of now) {
            if (!immediate.active) continue;
            worked = true;
            call(immediate.action, immediate.parameters);
            settleAll();
        }
        if (worked || immediates.length > 0) return true;
        if (kept === 0) return false;
        const next = timers.find((timer) => timer.active);
        machine.sleep(Math.max(0, next.due - machine.now()));
        time = Math.max(time, next.due);
        return true;
    }

    /** Goes on until nothing is left to do. */
    kit.runLoop = function () {
        while (round());
    };

    /** Forgets what is left to do, so that tests begin with nothing. */
    kit.clearLoop = function () {
        timers = [];
        immediates = [];
        ticks.length = 0;
        unseen.clear();
        kept = 0;
    };

    /** Waits for a promise: its value, or it throws its reason. What is no promise is its own value. */
    kit.settle = function (promise) {
        if (promise === null || typeof promise !== "object" || typeof promise.then !== "function") return promise;
        let state = "pending";
        let result;
        const keep = (how) => (value) => {
            state = how;
            result = value;
        };
        promise.then(keep("fulfilled"), keep("rejected"));
        while (state === "pending" && round());
        if (state === "pending") settleAll();
        if (state === "pending") throw kit.pending();
        if (state === "rejected") throw result;
        return result;
    };
});
