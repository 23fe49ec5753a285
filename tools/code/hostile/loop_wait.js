// Waits for what never comes.
// expect: limit wall or limit cpu or error ReferenceError|TypeError|RangeError
const shared = new Int32Array(new SharedArrayBuffer(16));
Atomics.wait(shared, 0, 0, 3600_000);
for (;;);
