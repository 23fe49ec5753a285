// Values that hold themselves, and values that are nested without measure, shown.
// expect: any
const self = {};
self.self = self;
console.log(self);
let deep = [];
for (let n = 0; n < 100_000; n++) deep = [deep];
console.log(deep);
