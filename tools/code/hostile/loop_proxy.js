// Traps that call themselves.
// expect: error RangeError|InternalError or limit stack
const trap = new Proxy({}, { get: (target, name, self) => self[name] });
console.log(trap.x);
