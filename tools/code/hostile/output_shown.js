// A value that is endless when it is shown.
// expect: any
const wide = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`key${i}`, { a: { b: [i] } }]));
console.log(wide);
wide
