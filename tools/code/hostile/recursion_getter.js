// A getter that asks for itself.
// expect: error RangeError|InternalError
console.log({ get x() { return this.x; } }.x);
