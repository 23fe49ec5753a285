// `readline`, over the standard input that came with the call.
(function (kit) {
    "use strict";
    const { EventEmitter, machine } = kit;

    class Interface extends EventEmitter {
        #lines;
        #closed = false;
        #waiting = [];
        constructor({ input } = {}) {
            super();
            if (input !== undefined && input !== kit.process.stdin)
                throw new Error("readline reads standard input only: give input: process.stdin");
            // When whoever made it has said what it wants to hear.
            kit.addImmediate(() => this.#flow(), []);
        }
        #rest() {
            if (this.#lines === undefined) {
                const text = machine.readText("/dev/stdin").value ?? "";
                this.#lines = text.split(/\r\n|\n|\r/);
                if (this.#lines.at(-1) === "") this.#lines.pop();
            }
            return this.#lines;
        }
        #flow() {
            while (this.#waiting.length > 0 && this.#rest().length > 0) this.#waiting.shift()(this.#rest().shift());
            if (this.listenerCount("line") > 0 && !this.#closed) {
                while (!this.#closed && this.#rest().length > 0) this.emit("line", this.#rest().shift());
                this.close();
            } else if (this.#waiting.length > 0) {
                this.close();
            }
        }
        question(text, options, callback = options) {
            kit.write(1, text);
            this.#waiting.push(callback);
            kit.addImmediate(() => this.#flow(), []);
        }
        setPrompt(text) {
            this.prompted = text;
        }
        prompt() {
            kit.write(1, this.prompted ?? "> ");
        }
        write() {}
        pause() {
            return this;
        }
        resume() {
            return this;
        }
        close() {
            if (this.#closed) return;
            this.#closed = true;
            this.emit("close");
        }
        async *[Symbol.asyncIterator]() {
            while (this.#rest().length > 0) yield this.#rest().shift();
            this.close();
        }
    }
    class Promised extends Interface {
        question(text) {
            return new Promise((resolve) => super.question(text, resolve));
        }
    }
    kit.readline = {
        createInterface: (options, ...rest) =>
            new Interface(rest.length > 0 || options?.setEncoding ? { input: options } : options),
        clearLine() {},
        cursorTo() {},
        moveCursor() {},
        Interface,
        promises: { createInterface: (options) => new Promised(options), Interface: Promised },
    };
});
