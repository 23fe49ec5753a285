// One object larger than there can be.
// expect: limit memory or error RangeError|InternalError
new ArrayBuffer(2 ** 31 - 1);
new Uint8Array(2 ** 40);
