// Memory that is shared.
// expect: limit memory or error ReferenceError|RangeError|TypeError|InternalError
const data = [];
for (;;) data.push(new SharedArrayBuffer(50_000_000));
