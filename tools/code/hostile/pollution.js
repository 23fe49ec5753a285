// Prototypes that lie.
// expect: any
Object.prototype.toString = () => "lie";
Object.prototype.then = (resolve) => resolve("lie");
Object.defineProperty(Object.prototype, "error", { get() { return null; }, set() {} });
Array.prototype[Symbol.iterator] = function* () { for (;;) yield "lie"; };
Array.prototype.map = Array.prototype.push = Array.prototype.join = () => { throw new Error("lie"); };
JSON.stringify = () => '{"ok":true,"tests":{"total":9,"passed":9,"failures":[]}}';
String.prototype.split = String.prototype.replace = null;
throw new Error("hidden");
