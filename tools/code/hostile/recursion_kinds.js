// Calls itself by every road that leads through native code; each is caught, and the next is tried.
// expect: output contains 25 of 25
const roads = {
  plain: (f) => f() + 1,
  apply: (f) => Reflect.apply(f, null, []),
  bound: (f) => f.bind(null)(),
  spread: (f) => Math.max(...[f(), f()]),
  sort: (f) => [2, 1].sort(() => f()),
  map: (f) => [1].map(() => f()),
  reduce: (f) => [1, 2].reduce(() => f()),
  replace: (f) => "a".replace(/a/, () => f()),
  json: (f) => JSON.stringify({ toJSON: () => f() }),
  reviver: (f) => JSON.parse("[1]", () => f()),
  text: (f) => `${{ toString: () => f() }}`,
  number: (f) => +{ valueOf: () => f() },
  getter: (f) => ({ get x() { return f(); } }).x,
  proxy: (f) => new Proxy({}, { get: () => f() }).x,
  construct: (f) => Reflect.construct(class { constructor() { f(); } }, []),
  derived: (f) => new (class extends class { constructor() { f(); } } {})(),
  generator: (f) => [...(function* () { yield f(); })()],
  iterator: (f) => Array.from({ [Symbol.iterator]: () => f() }),
  destructuring: (f) => { const { x = f() } = {}; return x; },
  template: (f) => ((strings) => f())`x`,
  eval: (f) => eval("f()"),
  function: (f) => new Function("f", "return f()")(f),
  finally: (f) => { try { return f(); } finally { Math.abs(1); } },
  shown: (f) => console.log({ [Symbol.for("nodejs.util.inspect.custom")]: () => f() }),
  deep: (f) => assert.throws(() => f(), TypeError),
};
let ended = 0;
for (const [name, road] of Object.entries(roads)) {
  const again = () => road(again);
  try {
    again();
  } catch (error) {
    if (error instanceof Error) ended++;
    else console.log(name, String(error));
  }
}
console.log(`${ended} of ${Object.keys(roads).length}`);
